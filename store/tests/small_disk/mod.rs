//! A disk that is soon full.

use std::path::Path;
use std::process::Command;

/// A file system of a few megabytes, unmounted in the end.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where the tests may not mount, which is said.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: a file system for this test cannot be mounted here");
        }
        mounted.then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}
