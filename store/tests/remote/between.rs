//! What stands between a database and its server, and does what a test wants: cuts, delays, loses.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::fake::spawn;

pub struct Between {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// That it takes no connections any more, or takes them again.
    is_gone: Receiver<()>,
    back: Sender<()>,
}

struct Shared {
    server: SocketAddr,
    delay: Duration,
    /// Bytes of answers after which the connection is cut, once; below zero never.
    answers: AtomicI64,
    /// Whether the next request is lost.
    loses: AtomicBool,
    is_down: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

impl Between {
    pub fn new(server: SocketAddr) -> Self {
        Self::delaying(server, Duration::ZERO)
    }

    /// Everything takes so long each way.
    pub fn delaying(server: SocketAddr, delay: Duration) -> Self {
        let mut listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            server,
            delay,
            answers: AtomicI64::new(-1),
            loses: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            streams: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        let ((gone, is_gone), (back, is_back)) = (bounded(0), bounded(0));
        spawn(move || {
            loop {
                let Ok((client, _)) = listener.accept() else {
                    return;
                };
                if of_thread.is_down.load(Ordering::SeqCst) {
                    drop((client, listener));
                    if gone.send(()).is_err() || is_back.recv().is_err() {
                        return;
                    }
                    listener = TcpListener::bind(address).unwrap();
                    of_thread.is_down.store(false, Ordering::SeqCst);
                    if gone.send(()).is_err() {
                        return;
                    }
                    continue;
                }
                of_thread.connect(client);
            }
        });
        Self {
            address,
            shared,
            is_gone,
            back,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts the connection after so many bytes of the next answer.
    pub fn cut_after(&self, bytes: i64) {
        self.shared.answers.store(bytes, Ordering::SeqCst);
    }

    /// Cuts the connection at the next request, which nobody gets.
    pub fn lose_next(&self) {
        self.shared.loses.store(true, Ordering::SeqCst);
    }

    /// Cuts all connections, and takes none any more.
    pub fn go_down(&self) {
        self.shared.is_down.store(true, Ordering::SeqCst);
        self.shared.cut_all();
        let _woken = TcpStream::connect(self.address);
        let _gone = self.is_gone.recv();
    }

    pub fn come_back(&self) {
        let _waited_for = self.back.send(());
        let _there = self.is_gone.recv();
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.shared.cut_all();
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect(self.server) else {
            return;
        };
        let mut streams = self.streams.lock().unwrap();
        streams.push(client.try_clone().unwrap());
        streams.push(server.try_clone().unwrap());
        drop(streams);
        let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (up, down) = (Arc::clone(self), Arc::clone(self));
        spawn(move || up.pass(&from, &to, true));
        spawn(move || down.pass(&server, &client, false));
    }

    fn cut_all(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ended = stream.shutdown(Shutdown::Both);
        }
    }

    fn pass(&self, mut from: &TcpStream, mut to: &TcpStream, is_request: bool) {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let read = match from.read(&mut bytes) {
                Ok(0) | Err(_) => break,
                Ok(read) => read,
            };
            if is_request && self.loses.swap(false, Ordering::SeqCst) {
                break;
            }
            if !self.delay.is_zero() {
                let _passed = crossbeam_channel::after(self.delay).recv();
            }
            let mut some = &bytes[..read];
            let mut is_cut = false;
            let left = self.answers.load(Ordering::SeqCst);
            if !is_request && left >= 0 {
                let read = i64::try_from(read).unwrap();
                is_cut = read >= left;
                if is_cut {
                    some = &some[..usize::try_from(left).unwrap()];
                }
                self.answers
                    .store(if is_cut { -1 } else { left - read }, Ordering::SeqCst);
            }
            if to.write_all(some).is_err() || is_cut {
                break;
            }
        }
        let _ended = from.shutdown(Shutdown::Both);
        let _ended = to.shutdown(Shutdown::Both);
    }
}
