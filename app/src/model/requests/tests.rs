use std::time::Duration;

use keyglass_store::EncodedKey;
use keyglass_store::requests::{
    Access, FailedExpectation, LoggedBody, LoggedClient, LoggedOperation, LoggedOutcome, LoggedPlace, Place,
};

use super::*;
use crate::model::draft::parse_key;

fn key(text: &str) -> EncodedKey {
    parse_key(text).unwrap()
}

fn request(number: u64, operation: LoggedOperation, access: Access, about: &str) -> LoggedRequest {
    LoggedRequest {
        number,
        at: 5000,
        client: LoggedClient {
            name: "Deno/2.9.6".to_owned(),
            protocol: Some(3),
            address: Some("127.0.0.1:4000".parse().unwrap()),
        },
        operation,
        places: vec![LoggedPlace {
            access,
            place: Place::Key(key(about)),
        }],
        num_places: 1,
        outcome: LoggedOutcome::Answered,
        duration: Duration::from_millis(2),
        bytes_in: 10,
        bytes_out: 20,
        request: LoggedBody::NotKept,
        answer: LoggedBody::NotKept,
    }
}

fn read(number: u64, about: &str) -> LoggedRequest {
    request(number, LoggedOperation::Read, Access::Read, about)
}

fn conflict(number: u64, about: &str) -> LoggedRequest {
    let failed = FailedExpectation {
        index: 0,
        key: key(about),
        expected: None,
        found: None,
    };
    LoggedRequest {
        outcome: LoggedOutcome::Conflict(vec![failed]),
        ..request(number, LoggedOperation::Write, Access::Write, about)
    }
}

fn shown(model: &RequestsModel) -> Vec<u64> {
    model.all_shown().map(|request| request.number).collect()
}

#[test]
fn the_newest_requests_are_kept_and_with_them_what_is_counted() {
    let mut model = RequestsModel::default();
    model.add(Arc::new(read(0, r#"["old", 1]"#)));
    for number in 1..=ROWS as u64 {
        model.add(Arc::new(read(number, r#"["new", 1]"#)));
    }
    assert_eq!((model.num_kept(), model.num_gone()), (ROWS, 1));
    assert_eq!(model.num_shown(), ROWS as u64);
    let hot = model.hot.by(HotBy::Reads);
    assert_eq!(hot.len(), 1);
    assert_eq!(
        (hot[0].0.clone(), hot[0].1.reads),
        (key(r#"["new"]"#), ROWS as u64)
    );
    let (place, newest) = model.newest(0).unwrap();
    assert_eq!((place, newest.number), (ROWS as u64, ROWS as u64));
    assert_eq!(model.row_of(place), Some(0));
    assert!(model.newest(ROWS as u64).is_none());
}

#[test]
fn large_requests_are_bounded_by_their_bytes() {
    let mut model = RequestsModel::default();
    for number in 0..1000 {
        let answer = LoggedBody::Kept(vec![0; 200_000].into());
        model.add(Arc::new(LoggedRequest {
            answer,
            ..read(number, "[1]")
        }));
    }
    assert!((300..340).contains(&model.num_kept()), "{}", model.num_kept());
    assert_eq!(model.num_come(), 1000);
}

#[test]
fn a_filter_shows_what_meets_all_of_it_also_of_what_comes_later() {
    let mut model = RequestsModel::default();
    model.add(Arc::new(read(0, r#"["users", 1]"#)));
    model.add(Arc::new(conflict(1, r#"["users", 1]"#)));
    model.add(Arc::new(conflict(2, r#"["orders", 1]"#)));
    let filter = |change: fn(&mut RequestFilter)| {
        let mut filter = RequestFilter::default();
        change(&mut filter);
        filter
    };
    for (change, expected) in [
        ((|_| ()) as fn(&mut RequestFilter), &[0, 1, 2][..]),
        (|filter| filter.kind = Some(Kind::Write), &[1, 2]),
        (|filter| filter.ending = Some(Ending::Ok), &[0]),
        (|filter| filter.prefix = r#"["users"]"#.to_owned(), &[0, 1]),
        (|filter| filter.client = "deno".to_owned(), &[0, 1, 2]),
        (|filter| filter.client = ":4000".to_owned(), &[0, 1, 2]),
        (|filter| filter.client = "node".to_owned(), &[]),
        (|filter| filter.at_least = "2 ms".to_owned(), &[0, 1, 2]),
        (|filter| filter.at_least = "2.5".to_owned(), &[]),
        (|filter| filter.prefix = "[".to_owned(), &[]),
    ] {
        model.set_filter(filter(change));
        assert_eq!(shown(&model), expected, "{:?}", model.filter());
    }
    assert!(model.filter_error().is_some());
    model.set_filter(filter(|filter| filter.prefix = r#"["users"]"#.to_owned()));
    model.add(Arc::new(read(3, r#"["users", 2]"#)));
    model.add(Arc::new(read(4, r#"["other", 2]"#)));
    assert_eq!(shown(&model), [0, 1, 3]);
}

#[test]
fn what_came_too_fast_is_counted_and_a_pause_is_not() {
    let mut model = RequestsModel::default();
    model.add(Arc::new(read(7, "[1]")));
    model.add(Arc::new(read(10, "[1]")));
    assert_eq!(model.missed(), 2);
    model.clear();
    assert_eq!((model.missed(), model.num_come(), model.num_shown()), (0, 0, 0));
    assert!(model.hot.by(HotBy::Reads).is_empty());
}

#[test]
fn rates_stand_in_their_second_and_percentiles_are_of_all_but_streams() {
    let mut model = RequestsModel::default();
    for number in 0..100 {
        let duration = Duration::from_millis(number + 1);
        model.add(Arc::new(LoggedRequest {
            duration,
            ..read(number, "[1]")
        }));
    }
    let hour = Duration::from_secs(3600);
    let stream = request(100, LoggedOperation::Watch, Access::Watch, "[1]");
    model.add(Arc::new(LoggedRequest {
        duration: hour,
        ..stream
    }));
    model.add(Arc::new(LoggedRequest {
        at: 7000,
        ..conflict(101, "[1]")
    }));
    let seconds = model.rates.until(8000);
    assert_eq!(seconds.len(), SECONDS);
    let requests: Vec<u64> = seconds
        .iter()
        .map(|second| second.requests.iter().sum())
        .collect();
    assert_eq!(requests[SECONDS - 4..], [101, 0, 1, 0]);
    assert_eq!(seconds[SECONDS - 4].bytes[0], 3000);
    assert_eq!(seconds[SECONDS - 4].percentiles(), Some((0.05, 0.099)));
    assert_eq!(seconds[SECONDS - 3].percentiles(), None);
    // Long ago by now.
    assert!(model.rates.has_any());
    model.rates.until(100_000);
    assert!(!model.rates.has_any());
}

#[test]
fn the_prefix_that_is_fought_over_most_comes_first() {
    let mut model = RequestsModel::default();
    for number in 0..3 {
        model.add(Arc::new(read(number, r#"["read", 1]"#)));
    }
    model.add(Arc::new(conflict(3, r#"["fought", 1]"#)));
    let names = |model: &mut RequestsModel, by| -> Vec<String> {
        let hot = model.hot.by(by).iter();
        hot.map(|(prefix, _)| prefix.to_string()).collect()
    };
    assert_eq!(names(&mut model, HotBy::Reads), [r#"["read"]"#, r#"["fought"]"#]);
    assert_eq!(
        names(&mut model, HotBy::Conflicts),
        [r#"["fought"]"#, r#"["read"]"#]
    );
}
