//! Routes: which action answers which path and method.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use http::Method;
use matchit::Router;
use percent_encoding::percent_decode_str;

use crate::action::{Action, Declaration, Desk, Live, Role, Session, panic_text};
use crate::files::{FolderError, folder_target};

/// Paths, methods and the actions that answer them.
///
/// A pattern is a path with parameters: `{id}` is one segment, `{*rest}` all the rest. A route is
/// a pattern and a *recipe*: a closure that makes a fresh action for each request, and captures
/// what it gives it.
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
        let endpoint: Rc<dyn Endpoint> = Rc::new(Recipe(recipe));
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
        self.add(method, pattern, Target::new(Rc::new(Recipe(recipe)), Role::Full))
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
        let mut table =
            RouteTable { router: Router::new(), resources: Vec::new(), folders: Vec::new() };
        for Entry { pattern, method, target } in self.entries {
            if !pattern.starts_with('/') {
                return Err(RouteError::NoSlash { pattern });
            }
            let known = table.resources.iter().position(|known| known.pattern == pattern);
            let index = match known {
                Some(index) => index,
                None => {
                    table.router.insert(&pattern, table.resources.len()).map_err(|error| {
                        match error {
                            matchit::InsertError::Conflict { with } => {
                                RouteError::Conflict { pattern: pattern.clone(), with }
                            }
                            error => RouteError::Pattern {
                                pattern: pattern.clone(),
                                error: error.to_string(),
                            },
                        }
                    })?;
                    table.resources.push(Resource { pattern: pattern.clone(), methods: vec![] });
                    table.resources.len() - 1
                }
            };
            let methods = &mut table.resources[index].methods;
            if methods.iter().any(|(known, _)| *known == method) {
                return Err(RouteError::Twice { method, pattern });
            }
            methods.push((method, target));
        }
        for Folder { prefix, path } in self.folders {
            let target = folder_target(&prefix, &path)
                .map_err(|error| RouteError::Folder { path, error })?;
            table.folders.push((prefix, target));
        }
        // The longest prefix is the nearest folder.
        table.folders.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(table)
    }
}

/// What makes and starts the action of a route.
#[derive(Clone)]
pub(crate) struct Target {
    pub endpoint: Rc<dyn Endpoint>,
    pub role: Role,
}

impl Target {
    pub fn new(endpoint: Rc<dyn Endpoint>, role: Role) -> Self {
        Self { endpoint, role }
    }
}

/// A recipe whose type of action is forgotten.
pub(crate) trait Endpoint {
    fn declaration(&self) -> &'static Declaration;
    /// Makes a fresh action and seats it at `desk`, which comes back if the recipe panics.
    fn open(&self, desk: Desk, role: Role) -> Result<Box<dyn Live>, Box<BrokenRecipe>>;
}

/// A recipe that panicked.
pub(crate) struct BrokenRecipe {
    /// Where the action would have sat.
    pub desk: Desk,
    /// What the panic said.
    pub text: String,
}

/// A route's closure.
pub(crate) struct Recipe<F>(pub F);

impl<A: Action, F: Fn() -> A> Endpoint for Recipe<F> {
    fn declaration(&self) -> &'static Declaration {
        const { &A::DECLARATION }
    }

    fn open(&self, desk: Desk, role: Role) -> Result<Box<dyn Live>, Box<BrokenRecipe>> {
        match catch_unwind(AssertUnwindSafe(&self.0)) {
            Ok(action) => Ok(Box::new(Session::new(action, desk, role))),
            Err(panic) => Err(Box::new(BrokenRecipe { desk, text: panic_text(&*panic) })),
        }
    }
}

/// Routes, built.
pub(crate) struct RouteTable {
    router: Router<usize>,
    resources: Vec<Resource>,
    folders: Vec<(String, Target)>,
}

struct Resource {
    pattern: String,
    methods: Vec<(Method, Target)>,
}

/// What a request finds.
pub(crate) enum Found {
    /// An action, and the parameters of the path.
    Target(Target, Box<[(Box<str>, Box<str>)]>),
    /// The path, but not for this method: 405 with these.
    MethodNotAllowed { allow: String },
    /// Nothing: 404.
    Nothing,
}

impl RouteTable {
    /// Looks a request up. GET answers HEAD.
    pub fn find(&self, method: &Method, path: &str) -> Found {
        let Ok(found) = self.router.at(path) else { return self.find_file(method, path) };
        let methods = &self.resources[*found.value].methods;
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let exact = methods.iter().find(|(known, _)| known == method);
        match exact.or_else(|| methods.iter().find(|(known, _)| known == wanted)) {
            Some((_, target)) => Found::Target(target.clone(), decode(&found.params)),
            None => Found::MethodNotAllowed { allow: allow(methods.iter().map(|(m, _)| m)) },
        }
    }

    fn find_file(&self, method: &Method, path: &str) -> Found {
        let below = |prefix: &str| path.starts_with(prefix) || format!("{path}/") == prefix;
        let Some((_, target)) = self.folders.iter().find(|(prefix, _)| below(prefix)) else {
            return Found::Nothing;
        };
        match *method {
            Method::GET | Method::HEAD => Found::Target(target.clone(), Box::default()),
            _ => Found::MethodNotAllowed { allow: allow([Method::GET].iter()) },
        }
    }

    /// A line a route, for the banner: methods, pattern, action, transports.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for Resource { pattern, methods } in &self.resources {
            for (method, target) in methods {
                let declaration = target.endpoint.declaration();
                let transports: Vec<_> = match target.role {
                    Role::Upstream => vec!["upstream"],
                    _ => declaration.transports.iter().map(|transport| transport.name()).collect(),
                };
                let name = declaration.name;
                let method = method.as_str();
                lines.push(format!("{method:<6} {pattern}  {name} ({})", transports.join(" | ")));
            }
        }
        for (prefix, _) in &self.folders {
            lines.push(format!("GET    {prefix}  files"));
        }
        lines
    }
}

/// The methods of a resource, sorted, as `Allow` lists them.
fn allow<'m>(methods: impl Iterator<Item = &'m Method>) -> String {
    let mut names: Vec<&str> = methods.map(Method::as_str).collect();
    if names.contains(&"GET") && !names.contains(&"HEAD") {
        names.push("HEAD");
    }
    names.sort_unstable();
    names.join(", ")
}

fn decode(params: &matchit::Params<'_, '_>) -> Box<[(Box<str>, Box<str>)]> {
    let pairs = params.iter();
    pairs
        .map(|(name, value)| (name.into(), percent_decode_str(value).decode_utf8_lossy().into()))
        .collect()
}

/// Why routes cannot be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum RouteError {
    /// Two patterns match the same paths.
    Conflict {
        /// The later one.
        pattern: String,
        /// The earlier one.
        with: String,
    },
    /// A pattern answers one method twice.
    Twice {
        /// The method.
        method: Method,
        /// The pattern.
        pattern: String,
    },
    /// A pattern that does not begin with `/`.
    NoSlash {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that is none.
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        error: String,
    },
    /// A folder of files that cannot be opened.
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        error: FolderError,
    },
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { pattern, with } => {
                write!(f, "the route `{pattern}` conflicts with `{with}`: both match some paths")
            }
            Self::Twice { method, pattern } => {
                write!(f, "the route `{pattern}` answers {method} twice")
            }
            Self::NoSlash { pattern } => {
                write!(f, "the route `{pattern}` does not begin with `/`; write `/{pattern}`")
            }
            Self::Pattern { pattern, error } => {
                write!(f, "the route `{pattern}` is not a pattern: {error}")
            }
            Self::Folder { error, .. } => error.fmt(f),
        }
    }
}

impl std::error::Error for RouteError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Callbacks, Context, Table};
    use crate::transport::Transport;

    struct Page;

    impl Callbacks for Page {
        const TABLE: Table<Self> = Table {
            on_data: &[crate::action::Callback {
                name: "heard",
                place: crate::action::Place { file: file!(), line: line!() },
                call: |_, _: &mut Context<Self>, _| Ok(()),
            }],
            ..Table::EMPTY
        };
    }

    impl Action for Page {
        const DECLARATION: Declaration =
            Declaration { name: "Page", transports: &[Transport::Sse], ..Declaration::DEFAULT };
    }

    fn outcome(table: &RouteTable, method: Method, path: &str) -> String {
        match table.find(&method, path) {
            Found::Target(target, params) => {
                let params: Vec<_> = params.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("{:?} {}", target.role, params.join(" "))
            }
            Found::MethodNotAllowed { allow } => format!("405 {allow}"),
            Found::Nothing => "404".into(),
        }
    }

    #[test]
    fn requests_find_their_routes() {
        let routes = Routes::new()
            .at("/live", || Page)
            .get("/rooms/{room}", || Page)
            .post("/rooms/{room}", || Page)
            .delete("/rooms/{room}", || Page)
            .get("/", || Page)
            .get("/tree/{*rest}", || Page);
        let table = routes.build().expect("no two of them conflict");
        for (method, path, expected) in [
            (Method::GET, "/live", "Full "),
            (Method::HEAD, "/live", "Full "),
            (Method::POST, "/live", "Upstream "),
            (Method::PUT, "/live", "405 GET, HEAD, POST"),
            (Method::GET, "/rooms/rust%20club", "Full room=rust club"),
            (Method::POST, "/rooms/1", "Full room=1"),
            (Method::PATCH, "/rooms/1", "405 DELETE, GET, HEAD, POST"),
            (Method::GET, "/rooms/", "404"),
            (Method::GET, "/rooms/1/2", "404"),
            (Method::GET, "/tree/a/b", "Full rest=a/b"),
            (Method::GET, "/", "Full "),
            (Method::POST, "/", "405 GET, HEAD"),
            (Method::GET, "/nowhere", "404"),
            (Method::OPTIONS, "*", "404"),
        ] {
            assert_eq!(outcome(&table, method.clone(), path), expected, "{method} {path}");
        }
    }

    #[test]
    fn conflicts_are_named() {
        for (routes, error) in [
            (
                Routes::new().at("/a/{x}", || Page).at("/a/{y}", || Page),
                "the route `/a/{y}` conflicts with `/a/{x}`: both match some paths",
            ),
            (
                Routes::new().at("/a", || Page).post("/a", || Page),
                "the route `/a` answers POST twice",
            ),
            (
                Routes::new().at("live", || Page),
                "the route `live` does not begin with `/`; write `/live`",
            ),
        ] {
            assert_eq!(routes.build().err().map(|error| error.to_string()).as_deref(), Some(error));
        }
    }
}
