//! The stage: one class body on all five transports, a diary of what it lived through, and the
//! log of the server around it.

mod diary;
mod log;

pub use diary::Diary;
pub use log::Listening;

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};

/// A world with one action at `/`, on one transport.
#[derive(Debug)]
pub struct Stage {
    /// The transport.
    pub transport: Transport,
    /// The world.
    pub world: World,
    /// What the action wrote down.
    pub diary: Diary,
}

impl Stage {
    /// The request this transport is asked for with.
    pub fn request(&self) -> Visit {
        self.request_for("/")
    }

    /// The request a target is asked for with by this transport.
    pub fn request_for(&self, target: &str) -> Visit {
        match self.transport {
            Transport::Websocket => Visit::socket(target),
            Transport::Sse => Visit::events(target),
            _ => Visit::get(target),
        }
    }

    /// Visits the action by its transport.
    pub fn visit(&self) -> Trial {
        self.world.visit(self.request())
    }

    /// Whether the head goes out when the action starts, and not with its answer.
    pub fn is_stream(&self) -> bool {
        matches!(self.transport, Transport::Sse | Transport::Chunked | Transport::Websocket)
    }

    /// The status of an answer that goes well.
    pub fn success(&self) -> u16 {
        if self.transport == Transport::Websocket { 101 } else { 200 }
    }
}

/// Writes one class body under five class headers.
///
/// The module it makes has `stages()`, one [`Stage`] a transport, and `stages_with(..)` for
/// servers set up otherwise. The action is called `Probe` and has a `diary`.
#[macro_export]
macro_rules! on_every_transport {
    ($module:ident: $($body:tt)*) => {
        mod $module {
            use super::*;

            $crate::on_every_transport! { @class regular $($body)* }
            $crate::on_every_transport! { @class chunked $($body)* }
            $crate::on_every_transport! { @class sse $($body)* }
            $crate::on_every_transport! { @class long_polling $($body)* }
            $crate::on_every_transport! { @class websocket $($body)* }

            #[allow(dead_code, reason = "most tests need no server of their own")]
            pub fn stages() -> [$crate::stage::Stage; 5] {
                stages_with(|server| server)
            }

            pub fn stages_with(
                set_up: impl Fn(crampon::Server) -> crampon::Server,
            ) -> [$crate::stage::Stage; 5] {
                [
                    $crate::on_every_transport! { @stage regular Regular set_up },
                    $crate::on_every_transport! { @stage chunked Chunked set_up },
                    $crate::on_every_transport! { @stage sse Sse set_up },
                    $crate::on_every_transport! { @stage long_polling LongPolling set_up },
                    $crate::on_every_transport! { @stage websocket Websocket set_up },
                ]
            }
        }
    };
    (@class $transport:ident $($body:tt)*) => {
        pub mod $transport {
            #[allow(unused_imports, reason = "not every class body uses all that is around it")]
            use super::*;

            #[crampon::action(transport = $transport)]
            pub struct Probe {
                pub diary: $crate::stage::Diary,
            }

            #[crampon::callbacks]
            impl Probe {
                $($body)*
            }
        }
    };
    (@stage $transport:ident $variant:ident $set_up:ident) => {{
        let diary = $crate::stage::Diary::default();
        let pen = diary.clone();
        let recipe = move || $transport::Probe { diary: pen.clone() };
        let routes = crampon::Routes::new().at("/", recipe);
        let world = crampon::trial::World::with(routes, &$set_up);
        $crate::stage::Stage { transport: crampon::transport::Transport::$variant, world, diary }
    }};
}
