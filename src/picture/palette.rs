//! The colours of roles. Each is said in words too, so that nobody has to see them.

use super::Role;

/// The colours of a box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colours {
    /// The ground.
    pub fill: &'static str,
    /// The line around.
    pub line: &'static str,
}

/// What is drawn in a colour of its own; none is the host.
pub(super) const ROLES: [Option<Role>; 6] =
    [None, Some(Role::Interceptor), Some(Role::Guest), Some(Role::Component), Some(Role::Provider), Some(Role::Config)];

/// What a style of a box is called.
pub(super) fn class(role: Option<Role>) -> &'static str {
    role.map_or("host", Role::word)
}

/// With dark text.
pub(super) fn light(role: Option<Role>) -> Colours {
    let (fill, line) = match role {
        None => ("#fbefff", "#8250df"),
        Some(Role::Interceptor) => ("#fff1d6", "#bf6a02"),
        Some(Role::Guest) => ("#ddf4ff", "#0969da"),
        Some(Role::Component) => ("#e6fcf9", "#0b7285"),
        Some(Role::Provider) => ("#dafbe1", "#1a7f37"),
        Some(Role::Config) => ("#f0f1f3", "#6e7781"),
    };
    Colours { fill, line }
}

/// With light text.
pub(super) fn dark(role: Option<Role>) -> Colours {
    let (fill, line) = match role {
        None => ("#2b1a4b", "#bc8cff"),
        Some(Role::Interceptor) => ("#3b2300", "#d29922"),
        Some(Role::Guest) => ("#0c2d57", "#58a6ff"),
        Some(Role::Component) => ("#0a2f35", "#39c5cf"),
        Some(Role::Provider) => ("#0f2f1a", "#3fb950"),
        Some(Role::Config) => ("#21262d", "#8b949e"),
    };
    Colours { fill, line }
}
