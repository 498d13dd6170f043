//! Whether a process that somebody wrote down is still that one.

/// When a process was started, in a unit of the system's own: by this and its number it is known again, although numbers
/// are given anew. `None` if there is none that runs, or the system does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn started(process: u32) -> Option<u64> {
    started_of(&std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn started(_process: u32) -> Option<u64> {
    None
}

/// Whether the process may be running that was started then. Where the system does not tell, it may.
pub(crate) fn may_run(process: u32, then: Option<u64>) -> bool {
    if cfg!(target_os = "linux") {
        let now = started(process);
        now.is_some() && (then.is_none() || then == now)
    } else {
        true
    }
}

/// The number and the name of a process are followed by its state and, as the 22nd field, by when it was started; see
/// proc_pid_stat(5). The name may hold anything.
#[cfg(target_os = "linux")]
fn started_of(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    // One that has ended and that nobody has heard of yet.
    fields.next().filter(|state| !matches!(*state, "Z" | "X"))?;
    fields.nth(18)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_number_and_when_it_was_started() {
        let own = std::process::id();
        let then = started(own);
        assert!(then.is_some());
        assert!(may_run(own, then));
        assert!(!may_run(own, then.map(|then| then + 1)));
        let stat = |state: &str| format!("7 (a ) b) {state} 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0\n");
        assert_eq!(started_of(&stat("S")), Some(12345));
        assert_eq!(started_of(&stat("Z")), None);
        assert_eq!(started_of(""), None);
    }
}
