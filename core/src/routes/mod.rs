//! Routes: which action answers which path and method.

mod error;
mod path;
mod paths;
mod table;
mod target;

pub use error::RouteError;
pub(crate) use path::plain_path;
pub(crate) use table::{Found, Params, RouteTable};
pub(crate) use target::{BrokenRecipe, Endpoint, Opened, Recipe, Target};

use std::path::{Path, PathBuf};
use std::rc::Rc;

use http::Method;

use crate::action::{Action, Role};
use crate::client;

/// Paths, methods and the actions that answer them.
///
/// A pattern is a path with parameters: `{id}` is one segment, `{*rest}` all the rest. A route is
/// a pattern and a *recipe*: a closure that makes a fresh action for each request, and captures
/// what it gives it.
///
/// Patterns are matched with the path decoded: `/caf%C3%A9` finds `/café`, and however its letters
/// are encoded a path finds the same route. An encoded slash, `%2F`, is a character of its segment.
///
/// ```
/// use crampon::prelude::*;
///
/// #[action(transport = regular)]
/// struct Greeting { words: Rc<str> }
///
/// #[callbacks]
/// impl Greeting {
///     #[on_start]
///     fn greet(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
///         let name: String = cx.param("name")?;
///         cx.render(format!("{}, {name}", self.words));
///         cx.finish();
///         Ok(())
///     }
/// }
///
/// let words: Rc<str> = "Good morning".into();
/// let routes = Routes::new()
///     .at("/hello/{name}", move || Greeting { words: words.clone() });
/// ```
#[derive(Default)]
pub struct Routes {
    entries: Vec<Entry>,
    folders: Vec<Folder>,
}

struct Entry {
    pattern: String,
    method: Method,
    target: Target,
}

#[derive(Clone)]
struct Folder {
    prefix: String,
    path: PathBuf,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers `pattern` with every method the action can serve: GET (and HEAD) by its transports
    /// and, if it takes data, POST as the upstream half: a fresh action that runs `before_start`
    /// and `on_data`, and finishes.
    pub fn at<A: Action>(self, pattern: &str, recipe: impl Fn() -> A + 'static) -> Self {
        let endpoint: Rc<dyn Endpoint> = Rc::new(Recipe::new(recipe));
        let takes_data = A::TABLE.takes_data();
        let routes = self.add(Method::GET, pattern, Target::new(endpoint.clone(), Role::Full));
        if takes_data {
            return routes.add(Method::POST, pattern, Target::new(endpoint, Role::Upstream));
        }
        routes
    }

    /// Answers GET (and HEAD) on `pattern`.
    pub fn get<A: Action>(self, pattern: &str, recipe: impl Fn() -> A + 'static) -> Self {
        self.method(Method::GET, pattern, recipe)
    }

    /// Answers POST on `pattern`.
    pub fn post<A: Action>(self, pattern: &str, recipe: impl Fn() -> A + 'static) -> Self {
        self.method(Method::POST, pattern, recipe)
    }

    /// Answers PUT on `pattern`.
    pub fn put<A: Action>(self, pattern: &str, recipe: impl Fn() -> A + 'static) -> Self {
        self.method(Method::PUT, pattern, recipe)
    }

    /// Answers PATCH on `pattern`.
    pub fn patch<A: Action>(self, pattern: &str, recipe: impl Fn() -> A + 'static) -> Self {
        self.method(Method::PATCH, pattern, recipe)
    }

    /// Answers DELETE on `pattern`.
    pub fn delete<A: Action>(self, pattern: &str, recipe: impl Fn() -> A + 'static) -> Self {
        self.method(Method::DELETE, pattern, recipe)
    }

    /// Answers one method on `pattern`, with the action's ordinary lifecycle.
    pub fn method<A: Action>(
        self,
        method: Method,
        pattern: &str,
        recipe: impl Fn() -> A + 'static,
    ) -> Self {
        self.add(method, pattern, Target::new(Rc::new(Recipe::new(recipe)), Role::Full))
    }

    /// Answers GET and HEAD below `prefix` with the files of a folder, where no route matches.
    ///
    /// Dot files are hidden, and no spelling of a path leaves the folder. A missing folder is an
    /// error when the server starts.
    pub fn files(mut self, prefix: &str, folder: impl AsRef<Path>) -> Self {
        let prefix = format!("{}/", prefix.trim_end_matches('/'));
        self.folders.push(Folder { prefix, path: folder.as_ref().to_owned() });
        self
    }

    /// Answers GET (and HEAD) on `path` with the browser's client, an ES module, and on the same
    /// path with `.d.ts` for `.js` with its types.
    ///
    /// Both have an `ETag` and are asked about before each use, which costs a 304. What the client
    /// does is said in its types.
    ///
    /// ```
    /// # use crampon::prelude::*;
    /// let routes = Routes::new().client("/crampon.js");
    /// // In a page: import { connect } from "/crampon.js";
    /// ```
    pub fn client(self, path: &str) -> Self {
        self.get(path, client::module().recipe())
            .get(&client::types_path(path), client::types().recipe())
    }

    fn add(mut self, method: Method, pattern: &str, target: Target) -> Self {
        self.entries.push(Entry { pattern: pattern.to_owned(), method, target });
        self
    }

    /// Builds what looks requests up.
    ///
    /// # Errors
    /// [`RouteError`] names the two routes that cannot both be, or the pattern or folder that is
    /// none.
    pub(crate) fn build(self) -> Result<RouteTable, RouteError> {
        RouteTable::of(self)
    }
}
