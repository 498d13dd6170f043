//! Icons, as text in the bundled icon font (a subset of Phosphor Icons, regular weight).
//!
//! `app/assets/fonts/build.sh` reads the code points of this file: run it after adding one.

/// Phosphor's `arrow-down`.
pub const ARROW_DOWN: &str = "\u{e03e}";
/// Phosphor's `arrow-left`.
pub const ARROW_LEFT: &str = "\u{e058}";
/// Phosphor's `arrow-right`.
pub const ARROW_RIGHT: &str = "\u{e06c}";
/// Phosphor's `arrow-up`.
pub const ARROW_UP: &str = "\u{e08e}";
/// Phosphor's `bell`.
pub const BELL: &str = "\u{e0ce}";
/// Phosphor's `binary`.
pub const BINARY: &str = "\u{ee60}";
/// Phosphor's `bookmark-simple`.
pub const BOOKMARK: &str = "\u{e0ea}";
/// Phosphor's `brackets-curly`.
pub const BRACES: &str = "\u{e860}";
/// Phosphor's `broadcast`.
pub const BROADCAST: &str = "\u{e0f2}";
/// Phosphor's `calendar-blank`.
pub const CALENDAR: &str = "\u{e10a}";
/// Phosphor's `chart-bar`.
pub const CHART: &str = "\u{e150}";
/// Phosphor's `check`.
pub const CHECK: &str = "\u{e182}";
/// Phosphor's `check-circle`.
pub const CHECK_CIRCLE: &str = "\u{e184}";
/// Phosphor's `caret-down`.
pub const CHEVRON_DOWN: &str = "\u{e136}";
/// Phosphor's `caret-left`.
pub const CHEVRON_LEFT: &str = "\u{e138}";
/// Phosphor's `caret-right`.
pub const CHEVRON_RIGHT: &str = "\u{e13a}";
/// Phosphor's `caret-up`.
pub const CHEVRON_UP: &str = "\u{e13c}";
/// Phosphor's `clock`.
pub const CLOCK: &str = "\u{e19a}";
/// Phosphor's `x`.
pub const CLOSE: &str = "\u{e4f6}";
/// Phosphor's `cloud`.
pub const CLOUD: &str = "\u{e1aa}";
/// Phosphor's `code`.
pub const CODE: &str = "\u{e1bc}";
/// Phosphor's `columns`.
pub const COLUMNS: &str = "\u{e546}";
/// Phosphor's `copy`.
pub const COPY: &str = "\u{e1ca}";
/// Phosphor's `database`.
pub const DATABASE: &str = "\u{e1de}";
/// Phosphor's `git-diff`.
pub const DIFFERENCE: &str = "\u{e27c}";
/// Phosphor's `dots-three`.
pub const DOTS: &str = "\u{e1fe}";
/// Phosphor's `dots-three-vertical`.
pub const DOTS_VERTICAL: &str = "\u{e208}";
/// Phosphor's `download-simple`.
pub const DOWNLOAD: &str = "\u{e20c}";
/// Phosphor's `eraser`.
pub const ERASER: &str = "\u{e21e}";
/// Phosphor's `x-circle`.
pub const ERROR: &str = "\u{e4f8}";
/// Phosphor's `export`.
pub const EXPORT: &str = "\u{eaf0}";
/// Phosphor's `eye`.
pub const EYE: &str = "\u{e220}";
/// Phosphor's `eye-slash`.
pub const EYE_OFF: &str = "\u{e224}";
/// Phosphor's `file`.
pub const FILE: &str = "\u{e230}";
/// Phosphor's `file-plus`.
pub const FILE_NEW: &str = "\u{e236}";
/// Phosphor's `funnel`.
pub const FILTER: &str = "\u{e266}";
/// Phosphor's `folder`.
pub const FOLDER: &str = "\u{e24a}";
/// Phosphor's `folder-plus`.
pub const FOLDER_NEW: &str = "\u{e258}";
/// Phosphor's `folder-open`.
pub const FOLDER_OPEN: &str = "\u{e256}";
/// Phosphor's `gear`.
pub const GEAR: &str = "\u{e270}";
/// Phosphor's `dots-six-vertical`.
pub const GRIP: &str = "\u{eae2}";
/// Phosphor's `hard-drives`.
pub const HARD_DRIVE: &str = "\u{e2a0}";
/// Phosphor's `house`.
pub const HOME: &str = "\u{e2c2}";
/// Phosphor's `hourglass`.
pub const HOURGLASS: &str = "\u{e2b2}";
/// Phosphor's `image`.
pub const IMAGE: &str = "\u{e2ca}";
/// Phosphor's `info`.
pub const INFO: &str = "\u{e2ce}";
/// Phosphor's `key`.
pub const KEY: &str = "\u{e2d6}";
/// Phosphor's `keyboard`.
pub const KEYBOARD: &str = "\u{e2d8}";
/// Phosphor's `lightning`.
pub const LIGHTNING: &str = "\u{e2de}";
/// Phosphor's `link`.
pub const LINK: &str = "\u{e2e2}";
/// Phosphor's `list-bullets`.
pub const LIST: &str = "\u{e2f2}";
/// Phosphor's `lock`.
pub const LOCK: &str = "\u{e2fa}";
/// Phosphor's `lock-open`.
pub const LOCK_OPEN: &str = "\u{e306}";
/// Phosphor's `list`.
pub const MENU: &str = "\u{e2f0}";
/// Phosphor's `minus`.
pub const MINUS: &str = "\u{e32a}";
/// Phosphor's `monitor`.
pub const MONITOR: &str = "\u{e32e}";
/// Phosphor's `moon`.
pub const MOON: &str = "\u{e330}";
/// Phosphor's `arrow-square-out`.
pub const OPEN_EXTERNAL: &str = "\u{e5de}";
/// Phosphor's `sidebar-simple`.
pub const PANEL: &str = "\u{ec24}";
/// Phosphor's `pause`.
pub const PAUSE: &str = "\u{e39e}";
/// Phosphor's `pencil-simple`.
pub const PENCIL: &str = "\u{e3b4}";
/// Phosphor's `play`.
pub const PLAY: &str = "\u{e3d0}";
/// Phosphor's `plug`.
pub const PLUG: &str = "\u{e946}";
/// Phosphor's `plus`.
pub const PLUS: &str = "\u{e3d4}";
/// Phosphor's `prohibit`.
pub const PROHIBIT: &str = "\u{e3de}";
/// Phosphor's `question`.
pub const QUESTION: &str = "\u{e3e8}";
/// Phosphor's `queue`.
pub const QUEUE: &str = "\u{e6ac}";
/// Phosphor's `arrow-u-up-right`.
pub const REDO: &str = "\u{e08c}";
/// Phosphor's `arrows-clockwise`.
pub const REFRESH: &str = "\u{e094}";
/// Phosphor's `arrow-counter-clockwise`.
pub const REVERT: &str = "\u{e038}";
/// Phosphor's `rows`.
pub const ROWS: &str = "\u{e5a2}";
/// Phosphor's `floppy-disk`.
pub const SAVE: &str = "\u{e248}";
/// Phosphor's `magnifying-glass`.
pub const SEARCH: &str = "\u{e30c}";
/// Phosphor's `paper-plane-tilt`.
pub const SEND: &str = "\u{e398}";
/// Phosphor's `sort-ascending`.
pub const SORT_ASCENDING: &str = "\u{e444}";
/// Phosphor's `sort-descending`.
pub const SORT_DESCENDING: &str = "\u{e446}";
/// Phosphor's `stack`.
pub const STACK: &str = "\u{e466}";
/// Phosphor's `star`.
pub const STAR: &str = "\u{e46a}";
/// Phosphor's `stop`.
pub const STOP: &str = "\u{e46c}";
/// Phosphor's `sun`.
pub const SUN: &str = "\u{e472}";
/// Phosphor's `arrows-left-right`.
pub const SWAP: &str = "\u{e0a0}";
/// Phosphor's `table`.
pub const TABLE: &str = "\u{e476}";
/// Phosphor's `tag`.
pub const TAG: &str = "\u{e478}";
/// Phosphor's `terminal-window`.
pub const TERMINAL: &str = "\u{eae8}";
/// Phosphor's `text-aa`.
pub const TEXT_SIZE: &str = "\u{e6ee}";
/// Phosphor's `timer`.
pub const TIMER: &str = "\u{e492}";
/// Phosphor's `trash`.
pub const TRASH: &str = "\u{e4a6}";
/// Phosphor's `tree-view`.
pub const TREE: &str = "\u{ee48}";
/// Phosphor's `squares-four`.
pub const TREEMAP: &str = "\u{e464}";
/// Phosphor's `arrow-u-up-left`.
pub const UNDO: &str = "\u{e08a}";
/// Phosphor's `upload-simple`.
pub const UPLOAD: &str = "\u{e4c0}";
/// Phosphor's `warning`.
pub const WARNING: &str = "\u{e4e0}";
