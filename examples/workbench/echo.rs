//! What is said comes back: over a WebSocket, and by POST.

use crampon::prelude::*;

use crate::census::Census;

/// Says what it hears: text as text, binary as binary, a body as a body. Suites send more than one
/// message before they read, so 64 MiB may wait for them. They are spoken to compressed if they
/// offer that, however short the message, and on their own terms as to contexts and windows.
#[action(
    transport = websocket,
    subprotocols = ["echo", "chat"],
    outbox_bytes_max = 67_108_864,
    deflate = dedicated,
    deflate_bytes_min = 0,
)]
pub struct Echo {
    census: Rc<Census>,
    pages: Pages,
}

/// Whose pages may speak to it.
#[derive(Clone, Copy, PartialEq)]
enum Pages {
    Any,
    Own,
}

impl Echo {
    /// An echo for pages of any origin.
    pub fn for_anyone(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone(), pages: Pages::Any }
    }

    /// An echo for the pages this server itself serves.
    pub fn for_own_pages(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone(), pages: Pages::Own }
    }
}

#[callbacks]
impl Echo {
    #[before_start]
    fn check_origin(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        if self.pages == Pages::Own && !is_own_page(cx.header("origin"), cx.header("host")) {
            return Err(Halt::new(403, "this origin may not connect here\n"));
        }
        Ok(())
    }

    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        self.census.enter(cx.transport());
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.census.leave(cx.transport());
    }
}

/// Whether a request comes from a page of this very host, or from no page at all: only browsers
/// send an origin (RFC 6454, section 7).
fn is_own_page(origin: Option<&str>, host: Option<&str>) -> bool {
    let Some(origin) = origin else { return true };
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    matches!((authority, host), (Some(page), Some(host)) if page.eq_ignore_ascii_case(host))
}
