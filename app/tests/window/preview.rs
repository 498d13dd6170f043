//! What bytes hold, shown.

use std::io::Write as _;

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::value::{Node, Object, Value, ViewKind};
use keyglass_store::{AtomicOperation, StoredValue};

use crate::harness::{Window, commit, key, look};

/// A picture of a sunrise, half transparent at its edge.
fn png(width: u32, height: u32) -> Vec<u8> {
    let image = image::RgbaImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32 - 0.5, y as f32 / height as f32);
        let glow = (1.0 - (x * x + (y - 0.6) * (y - 0.6)).sqrt() * 1.6).clamp(0.0, 1.0);
        let alpha = if y < 0.9 { 255 } else { 90 };
        image::Rgba([
            (90.0 + 160.0 * glow) as u8,
            (60.0 + 120.0 * glow) as u8,
            (110.0 * (1.0 - y)) as u8,
            alpha,
        ])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn window(entries: &[(&str, Value)]) -> Window {
    let mut window = Window::on_folder(&[]);
    let database = window.database();
    for (name, value) in entries {
        let stored = StoredValue::from_value(value).unwrap();
        commit(&*database, AtomicOperation::new().set(key(name), stored));
    }
    window.settle();
    window
}

fn open(window: &mut Window, name: &str) {
    window.click(Role::Row, name);
    window.settle();
}

#[test]
fn pictures_and_packed_data_are_previewed_and_other_values_are_not() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(br#"{"tasks": [{"id": 1, "text": "Water the plants", "done": false}, {"id": 2, "text": "Call Ada", "done": true}], "next": 3}"#)
        .unwrap();
    let mut window = window(&[
        (r#"["gzip"]"#, Value::bytes(gzip.finish().unwrap())),
        (r#"["number"]"#, Value::primitive(Node::Number(1.0))),
        (r#"["picture"]"#, Value::bytes(png(160, 120))),
        (
            r#"["text"]"#,
            Value::bytes("Grüße aus Köln\nund Umgebung".as_bytes().to_vec()),
        ),
        (r#"["zeros"]"#, Value::bytes(vec![0; 40])),
    ]);
    open(&mut window, r#"["picture"]"#);
    window.click(Role::RadioButton, "Preview");
    window.settle();
    let title = window
        .harness
        .get_by_role(Role::Image)
        .accesskit_node()
        .label()
        .unwrap();
    assert!(title.starts_with("PNG image, 160 x 120, "), "{title}");
    look(&mut window, "preview-picture");
    open(&mut window, r#"["gzip"]"#);
    look(&mut window, "preview-gzip");
    assert_eq!(text_of(&window, "Decoded bytes").lines().count(), 15);
    open(&mut window, r#"["text"]"#);
    look(&mut window, "preview-text");
    assert!(window.shows("UTF-8 text, 30 B"));
    // Where there is nothing to preview, the tree is shown, and the choice is remembered.
    for name in [r#"["number"]"#, r#"["zeros"]"#] {
        open(&mut window, name);
        assert!(
            window
                .harness
                .query_by_role_and_label(Role::RadioButton, "Preview")
                .is_none(),
            "{name}"
        );
        assert!(
            window
                .harness
                .query_by_role_and_label(Role::Tree, "Value")
                .is_some(),
            "{name}"
        );
    }
    open(&mut window, r#"["picture"]"#);
    assert_eq!(window.harness.query_all_by_role(Role::Image).count(), 1);
}

fn text_of(window: &Window, name: &str) -> String {
    window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, name)
        .value()
        .unwrap()
}

#[test]
fn bytes_inside_a_value_are_previewed_when_they_are_selected() {
    let mut value = Value::default();
    let picture = value.add_bytes(ViewKind::Uint8Array, png(16, 16));
    let user = value.add(Object::Plain(vec![
        ("name".into(), Node::String("Ada".into())),
        ("avatar".into(), Node::Object(picture)),
    ]));
    value.set_root(Node::Object(user));
    let mut window = window(&[(r#"["ada"]"#, value)]);
    open(&mut window, r#"["ada"]"#);
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::RadioButton, "Preview")
            .is_none()
    );
    let row = window
        .harness
        .query_all_by_role(Role::TreeItem)
        .find(|row| {
            row.accesskit_node()
                .label()
                .is_some_and(|label| label.starts_with("avatar"))
        })
        .unwrap();
    row.click();
    window.harness.run_ok();
    window.settle();
    window.click(Role::RadioButton, "Preview");
    window.settle();
    look(&mut window, "preview-inside");
    let image = window.harness.get_by_role(Role::Image);
    assert!(
        image
            .accesskit_node()
            .label()
            .unwrap()
            .starts_with("value.avatar · PNG image, 16 x 16")
    );
}
