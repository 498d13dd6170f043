//! Clients that begin and do not go on, that send too much, or that read nothing: others are served as before.

use std::io::Write as _;
use std::net::TcpStream;

use crate::client::{Client, PATIENCE};
use crate::served::{Served, key, mutation, set, value};

const A: &str = r#"["a"]"#;

#[test]
fn half_open_connections_do_not_keep_others_out() {
    let served = Served::new();
    let address = served.server.address();
    let beginnings: [&[u8]; 5] = [
        b"",
        b"P",
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-len",
    ];
    let half_open: Vec<TcpStream> = (0..50)
        .map(|number| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(beginnings[number % beginnings.len()]).unwrap();
            stream
        })
        .collect();
    let mut client = served.client();
    for number in 0..100 {
        client.commit(vec![set(A, &number.to_string())]);
        assert_eq!(
            client.get(&key(A)).unwrap().value,
            value(&number.to_string()).data
        );
    }
    drop(half_open);
}

#[test]
fn bodies_that_do_not_come_do_not_keep_others_out() {
    let served = Served::new();
    let waiting: Vec<Client> = (0..100)
        .map(|_| {
            let mut client = served.client();
            let mut head = "POST /v2/atomic_write HTTP/1.1\r\n".to_owned();
            for header in client.data_headers() {
                head.push_str(&header);
                head.push_str("\r\n");
            }
            head.push_str("content-length: 1000000\r\n\r\nhalf");
            client.send_raw(head.as_bytes()).unwrap();
            client
        })
        .collect();
    let mut client = served.client();
    client.commit(vec![set(A, "1")]);
    assert!(client.get(&key(A)).is_some());
    drop(waiting);
}

#[test]
fn watchers_that_read_nothing_do_not_keep_others_waiting() {
    let served = Served::new();
    // Held, and never read.
    let deaf: Vec<_> = (0..20)
        .map(|_| served.client().watch(&[key(A)]).unwrap())
        .collect();
    let mut watch = served.client().watch(&[key(A)]).unwrap();
    let mut client = served.client();
    let large = |number: u8| {
        let data = vec![number; 65536];
        let value = denokv_proto::datapath::KvValue { data, encoding: 3 };
        mutation(1, key(A), Some(value))
    };
    // More than the buffers of any connection hold.
    for number in 0..200 {
        client.commit(vec![large(number)]);
    }
    while watch.state() != [Some(vec![199; 65536])] {}
    drop(deaf);
}

#[test]
fn a_body_of_a_hundred_megabytes_is_refused_before_it_has_come() {
    let served = Served::new();
    let mut greedy = served.client();
    let mut head = "POST /v2/atomic_write HTTP/1.1\r\n".to_owned();
    for header in greedy.data_headers() {
        head.push_str(&header);
        head.push_str("\r\n");
    }
    let length = 100 << 20;
    greedy
        .send_raw(format!("{head}content-length: {length}\r\n\r\n").as_bytes())
        .unwrap();
    let answer = greedy.answer();
    assert_eq!(answer.status, 413);
    assert_eq!(answer.text(), "The body is larger than 2097152 bytes.");
    // Whoever sends it all the same, also without saying how much it is, is cut off.
    let mut greedy = served.client();
    greedy
        .send_raw(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes())
        .unwrap();
    let mut piece = b"10000\r\n".to_vec();
    piece.resize(piece.len() + 0x10000, 7);
    piece.extend(b"\r\n");
    let cut = (0..length / 0x10000).any(|_| greedy.send_raw(&piece).is_err());
    assert!(cut, "a hundred megabytes were taken");
    let mut client = served.client();
    client.commit(vec![set(A, "1")]);
}

#[test]
fn headers_without_end_are_refused() {
    let served = Served::new();
    let mut greedy = Client::connect(served.server.address(), "");
    let mut head = b"POST / HTTP/1.1\r\nhost: localhost\r\nx: ".to_vec();
    head.resize(head.len() + (1 << 20), b'x');
    // It may be cut off while it is sending.
    let _sent = greedy.send_raw(&head);
    assert!(greedy.has_ended() || greedy.answer().status == 431);
    served.client().commit(vec![set(A, "1")]);
}

#[test]
fn connections_that_ended_are_forgotten() {
    let served = Served::new();
    for _ in 0..600 {
        drop(served.client());
    }
    let begun = std::time::Instant::now();
    while served.server.num_connections() > 0 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
}
