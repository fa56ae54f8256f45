//! The table of routes: what a request finds.

use http::Method;
use matchit::Router;
use percent_encoding::percent_decode_str;

use super::paths::Paths;
use super::{Entry, Folder, RouteError, Routes, Target, plain_path};
use crate::action::Role;
use crate::files::folder_target;
use crate::protocol::http::RequestHead;

/// Routes, built.
pub(crate) struct RouteTable {
    router: Router<usize>,
    /// The resources whose patterns are paths, by these, which is how most are found.
    paths: Paths,
    resources: Vec<Resource>,
    folders: Vec<(String, Target)>,
}

struct Resource {
    pattern: String,
    methods: Vec<(Method, Target)>,
}

/// The parameters of a path, by their names.
pub(crate) type Params = Box<[(Box<str>, Box<str>)]>;

/// What a request finds.
pub(crate) enum Found {
    /// An action, and the parameters of the path.
    Target(Target, Params),
    /// The path, but not for this method: 405 with these.
    MethodNotAllowed { allow: String },
    /// Nothing: 404.
    Nothing,
}

impl RouteTable {
    /// Builds the table of these routes.
    ///
    /// # Errors
    /// [`RouteError`] names the two routes that cannot both be, or the pattern or folder that is
    /// none.
    pub fn of(routes: Routes) -> Result<Self, RouteError> {
        let mut table = Self {
            router: Router::new(),
            paths: Paths::default(),
            resources: Vec::new(),
            folders: Vec::new(),
        };
        let mut paths = Vec::new();
        for Entry { pattern, method, target } in routes.entries {
            if !pattern.starts_with('/') {
                return Err(RouteError::NoSlash { pattern });
            }
            let known = table.resources.iter().position(|known| known.pattern == pattern);
            let index = match known {
                Some(index) => index,
                None => {
                    let plain = plain_path(&pattern);
                    if !plain.contains(['{', '}']) {
                        paths.push((plain.as_bytes().into(), table.resources.len()));
                    }
                    table.router.insert(plain, table.resources.len()).map_err(
                        |error| match error {
                            matchit::InsertError::Conflict { with } => {
                                RouteError::Conflict { pattern: pattern.clone(), with }
                            }
                            error => RouteError::Pattern {
                                pattern: pattern.clone(),
                                error: error.to_string(),
                            },
                        },
                    )?;
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
        for Folder { prefix, path } in routes.folders {
            let target = folder_target(&prefix, &path)
                .map_err(|error| RouteError::Folder { path, error })?;
            table.folders.push((prefix, target));
        }
        table.paths = Paths::of(paths);
        // The longest prefix is the nearest folder.
        table.folders.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(table)
    }

    /// Looks a request up.
    pub fn find_for(&self, head: &RequestHead) -> Found {
        // A pattern that is the path itself goes before all that match it as well.
        match head.bare_path().and_then(|path| self.paths.find(path)) {
            Some(at) => self.resources[at].find(head.method(), Box::default),
            None => self.find(head.method(), head.path()),
        }
    }

    /// Looks a path up.
    pub fn find(&self, method: &Method, path: &str) -> Found {
        let path = &*plain_path(path);
        let Ok(found) = self.router.at(path) else { return self.find_file(method, path) };
        self.resources[*found.value].find(method, || decode(&found.params))
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

impl Resource {
    /// Looks a method up. GET answers HEAD.
    fn find(&self, method: &Method, params: impl FnOnce() -> Params) -> Found {
        let named = |wanted: &Method| self.methods.iter().find(|(known, _)| known == wanted);
        let as_get = || (method == Method::HEAD).then(|| named(&Method::GET)).flatten();
        match named(method).or_else(as_get) {
            Some((_, target)) => Found::Target(target.clone(), params()),
            None => Found::MethodNotAllowed { allow: allow(self.methods.iter().map(|(m, _)| m)) },
        }
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

fn decode(params: &matchit::Params<'_, '_>) -> Params {
    let pairs = params.iter();
    pairs
        .map(|(name, value)| (name.into(), percent_decode_str(value).decode_utf8_lossy().into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, Callbacks, Context, Declaration, Table};
    use crate::protocol::http::{HeadLimits, RequestHeads};
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
        let head = format!("{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let decoded = RequestHeads::new().decode(head.as_bytes(), &HeadLimits::default());
        let (head, _) = decoded.expect("it is well-formed").expect("it is whole");
        let (found, by_path) = (table.find_for(&head), told(table.find(&method, head.path())));
        let found = told(found);
        assert_eq!(found, by_path, "the two ways to find it");
        found
    }

    fn told(found: Found) -> String {
        match found {
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
            .get("/rooms/lobby", || Page)
            .get("/rooms/l{rest}", || Page)
            .get("/", || Page)
            .get("/café", || Page)
            .get("/t%c3%a9", || Page)
            .get("/tree/{*rest}", || Page);
        let table = routes.build().expect("no two of them conflict");
        for (method, path, expected) in [
            (Method::GET, "/live", "Full "),
            (Method::HEAD, "/live", "Full "),
            (Method::POST, "/live", "Upstream "),
            (Method::PUT, "/live", "405 GET, HEAD, POST"),
            (Method::GET, "/rooms/rust%20club", "Full room=rust club"),
            (Method::GET, "/%72ooms/%31", "Full room=1"),
            (Method::GET, "/rooms/a%2Fb%2541", "Full room=a/b%41"),
            (Method::GET, "/rooms/lobby", "Full "),
            (Method::GET, "/rooms/lobby?a=b", "Full "),
            (Method::HEAD, "/rooms/lobby", "Full "),
            (Method::GET, "/rooms/%6Cobby", "Full "),
            (Method::POST, "/rooms/lobby", "405 GET, HEAD"),
            (Method::GET, "/rooms/lobbies", "Full rest=obbies"),
            (Method::GET, "/rooms%2Fa", "404"),
            (Method::GET, "/caf%C3%A9", "Full "),
            (Method::GET, "/t%C3%A9", "Full "),
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
