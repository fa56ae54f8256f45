//! The action that serves files: looks one up off the loop, then sends it part by part, no faster
//! than the client takes it.

use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::{FileAnswer, FileBody, FileRequest, Folder, FolderError, PART_BYTES_MAX};
use crate::action::{
    Action, Callback, Callbacks, Context, Declaration, DeferError, Halt, Place, Role, Table,
};
use crate::routes::{Recipe, Target, plain_path};
use crate::transport::Transport;

/// What answers requests for files below `prefix`.
///
/// # Errors
/// When the folder cannot be served; the error names it.
pub(crate) fn folder_target(prefix: &str, path: &std::path::Path) -> Result<Target, FolderError> {
    let folder = Arc::new(Folder::new(path)?);
    let prefix: Rc<str> = prefix.into();
    let recipe = move || Files { folder: folder.clone(), prefix: prefix.clone(), body: None };
    Ok(Target::new(Rc::new(Recipe::new(recipe)), Role::Full))
}

/// One request for a file.
struct Files {
    folder: Arc<Folder>,
    /// With the slash at its end.
    prefix: Rc<str>,
    /// What is still to be read.
    body: Option<FileBody>,
}

impl Action for Files {
    const DECLARATION: Declaration =
        Declaration { name: "Files", transports: &[Transport::Regular], ..Declaration::DEFAULT };
}

impl Callbacks for Files {
    const TABLE: Table<Self> = Table {
        before_start: &[Callback {
            name: "find",
            place: Place { file: file!(), line: line!() },
            call: |files, cx| {
                files.find(cx);
                Ok(())
            },
        }],
        on_start: &[Callback {
            name: "send",
            place: Place { file: file!(), line: line!() },
            call: |files, cx| {
                files.send(cx);
                Ok(())
            },
        }],
        ..Table::EMPTY
    };
}

impl Files {
    fn find(&mut self, cx: &mut Context<Self>) {
        let header = |name| cx.header(name).map(str::to_owned);
        let list = |name: &str| {
            let lines = cx.request().head().headers();
            let lines = lines.filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
            let lines = lines.filter_map(|(_, value)| std::str::from_utf8(value).ok());
            lines.map(str::to_owned).reduce(|list, line| format!("{list}, {line}"))
        };
        let request = FileRequest {
            path: plain_path(cx.path()).strip_prefix(&*self.prefix).unwrap_or_default().to_owned(),
            target: match cx.request().head().query() {
                Some(query) => format!("{}?{query}", cx.path()),
                None => cx.path().to_owned(),
            },
            is_head: cx.method() == http::Method::HEAD,
            if_match: list("if-match"),
            if_unmodified_since: header("if-unmodified-since"),
            if_none_match: list("if-none-match"),
            if_modified_since: header("if-modified-since"),
            range: header("range"),
            if_range: header("if-range"),
        };
        let folder = self.folder.clone();
        cx.hold();
        cx.defer(move || folder.find(&request)).then(Self::found);
    }

    fn found(
        &mut self,
        cx: &mut Context<Self>,
        answer: Result<FileAnswer, DeferError>,
    ) -> Result<(), Halt> {
        let FileAnswer { status, headers, length, body } = answer?;
        if status == 404 || status == 500 {
            let text = if status == 404 { "Not Found\n" } else { "Internal Server Error\n" };
            let halt = Halt::new(status, text).header("content-type", "text/plain; charset=utf-8");
            cx.halt(halt);
            return Ok(());
        }
        cx.set_status(status);
        for (name, value) in headers {
            cx.set_header(name, &value);
        }
        if status != 304 {
            cx.desk.answer_mut().length = Some(length);
        }
        self.body = body;
        cx.proceed();
        Ok(())
    }

    /// Reads the next part off the loop; ends when there is none.
    fn send(&mut self, cx: &mut Context<Self>) {
        let Some(mut body) = self.body.take() else { return cx.finish() };
        let read = move || (body.read(PART_BYTES_MAX), body);
        cx.defer(read).then(Self::sent);
    }

    fn sent(
        &mut self,
        cx: &mut Context<Self>,
        part: Result<(io::Result<Vec<u8>>, FileBody), DeferError>,
    ) -> crate::Result<()> {
        let (part, body) = part?;
        cx.render(part?);
        if body.left() > 0 {
            self.body = Some(body);
        }
        cx.when_written(Self::send);
        Ok(())
    }
}
