//! Cases of the wire, each with a name: they hold of our server, and are put to the official one, too.

use crate::served::{Peer, Served};

/// A case: what is done with a server, with assertions.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) run: Box<dyn Fn(&Peer)>,
}

impl Case {
    pub(crate) fn new(name: impl Into<String>, run: impl Fn(&Peer) + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// All of them hold of our server.
pub(crate) fn hold(cases: &[Case]) {
    let served = Served::new();
    let peer = served.peer();
    for case in cases {
        (case.run)(&peer);
    }
}
