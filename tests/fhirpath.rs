//! FHIRPath against the public tests of SQL on FHIR v2, in `tests/data/sql-on-fhir-v2`; and what is said of paths that
//! cannot be compiled or followed.
//!
//! Those tests are view definitions: which resource, which rows, which columns. The few lines that turn a view into rows stand
//! here, since the program itself only follows paths.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;

use eligo::fhirpath::{Content, Element, Environment, Item, Node, Path};
use serde_json::{Map, Value, json};

/// Tests of the suite that are no part of ShareableViewDefinition, by file, each with the reason.
const OUTSIDE: [(&str, &str); 1] = [(
    "fn_boundary",
    "`lowBoundary` and `highBoundary` are marked experimental; partial dates are read as bounds by the record itself",
)];

type Row = Vec<(String, Value)>;

/// A view: constants, conditions and columns of one resource type.
struct View<'v> {
    definition: &'v Value,
    names: Vec<String>,
}

impl<'v> View<'v> {
    fn new(definition: &'v Value) -> Result<Self, String> {
        let constants = definition["constant"].as_array().into_iter().flatten();
        let mut names = vec!["rowIndex".to_owned()];
        for constant in constants {
            let value = constant.as_object().unwrap().iter();
            let values = value.filter(|(key, value)| key.starts_with("value") && is_simple(value));
            if values.count() != 1 {
                return Err(format!("a constant needs one value: {constant}"));
            }
            names.push(
                constant["name"]
                    .as_str()
                    .ok_or("a constant needs a name")?
                    .to_owned(),
            );
        }
        Ok(Self { definition, names })
    }

    fn path(&self, text: &Value) -> Result<&'static Path, String> {
        let text = text.as_str().ok_or_else(|| format!("{text} is no path"))?;
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let path = Path::compile(text, &names).map_err(|error| error.to_string())?;
        Ok(Box::leak(Box::new(path)))
    }

    fn variables(&self, row: usize) -> &'static [Item<'static>] {
        let constants = self.definition["constant"].as_array().into_iter().flatten();
        let mut values = vec![Item::Number(row.into())];
        values.extend(constants.map(|constant| {
            let entries = constant.as_object().unwrap();
            let (_, value) = entries
                .iter()
                .find(|(key, _)| key.starts_with("value"))
                .unwrap();
            match value {
                Value::Bool(value) => Item::Boolean(*value),
                Value::Number(number) => Item::Number(number.to_string().parse().unwrap()),
                other => Item::Text(other.as_str().unwrap().to_owned().into()),
            }
        }));
        Vec::leak(values)
    }

    /// What a path leads to.
    fn follow(
        &self,
        path: &Value,
        root: &'static Node<'static>,
        from: Element<'static>,
        row: usize,
    ) -> Result<Vec<Item<'static>>, String> {
        let variables = self.variables(row);
        let environment = Environment {
            variables,
            resolver: None,
        };
        let found = self.path(path)?.evaluate_in(root, from, &environment);
        found.map_err(|error| error.to_string())
    }

    fn rows(&self, resources: &'static [Node<'static>]) -> Result<Vec<Row>, String> {
        let kind = self.definition["resource"]
            .as_str()
            .ok_or("a view needs a resource")?;
        let select = self.definition["select"]
            .as_array()
            .ok_or("a view needs columns")?;
        self.columns(&self.definition["select"])?;
        let mut rows = Vec::new();
        for root in resources
            .iter()
            .filter(|root| root.text_at("resourceType") == Some(kind))
        {
            let from = Element::of(root);
            let mut is_wanted = true;
            for condition in self.definition["where"].as_array().into_iter().flatten() {
                let path = self.path(&condition["path"])?;
                let variables = self.variables(0);
                let environment = Environment {
                    variables,
                    resolver: None,
                };
                is_wanted &= path
                    .holds(root, from, &environment)
                    .map_err(|error| error.to_string())?;
            }
            if is_wanted {
                rows.extend(self.crossed(select, vec![Vec::new()], root, from, 0)?);
            }
        }
        Ok(rows)
    }

    /// Every row so far with every row of each selection.
    fn crossed(
        &self,
        selections: &[Value],
        rows: Vec<Row>,
        root: &'static Node<'static>,
        from: Element<'static>,
        index: usize,
    ) -> Result<Vec<Row>, String> {
        let mut rows = rows;
        for selection in selections {
            let selected = self.selected(selection, root, from, index)?;
            rows = rows
                .iter()
                .flat_map(|row| selected.iter().map(|more| [&row[..], more].concat()))
                .collect();
        }
        Ok(rows)
    }

    fn selected(
        &self,
        selection: &Value,
        root: &'static Node<'static>,
        from: Element<'static>,
        index: usize,
    ) -> Result<Vec<Row>, String> {
        let elements = |path: &Value| -> Result<Vec<Element<'static>>, String> {
            let found = self.follow(path, root, from, index)?;
            let elements = found
                .iter()
                .map(|item| item.element().ok_or("no element".to_owned()));
            elements.collect()
        };
        let (foci, is_own) = if !selection["forEach"].is_null() {
            (elements(&selection["forEach"])?, true)
        } else if !selection["forEachOrNull"].is_null() {
            let found = elements(&selection["forEachOrNull"])?;
            if found.is_empty() {
                // Nothing is selected from, and the row is still there.
                static NOTHING: Node<'static> = Node {
                    start: 0,
                    content: Content::Null,
                };
                (vec![Element::of(&NOTHING)], true)
            } else {
                (found, true)
            }
        } else if let Some(paths) = selection["repeat"].as_array() {
            let mut found = Vec::new();
            self.repeat(paths, root, from, &mut found)?;
            (found, true)
        } else {
            (vec![from], false)
        };
        let mut rows = Vec::new();
        for (place, focus) in foci.into_iter().enumerate() {
            let index = if is_own { place } else { index };
            rows.extend(self.of_focus(selection, root, focus, index)?);
        }
        Ok(rows)
    }

    fn of_focus(
        &self,
        selection: &Value,
        root: &'static Node<'static>,
        focus: Element<'static>,
        index: usize,
    ) -> Result<Vec<Row>, String> {
        let mut row = Vec::new();
        for column in selection["column"].as_array().into_iter().flatten() {
            let mut found = self.follow(&column["path"], root, focus, index)?;
            let value = if column["collection"] == json!(true) {
                found.iter().map(as_json).collect()
            } else if found.len() > 1 {
                return Err(format!("{} has several values", column["name"]));
            } else {
                found.pop().as_ref().map_or(Value::Null, as_json)
            };
            row.push((column["name"].as_str().unwrap().to_owned(), value));
        }
        let inner = selection["select"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let mut rows = self.crossed(inner, vec![row], root, focus, index)?;
        if let Some(parts) = selection["unionAll"].as_array() {
            let mut all = Vec::new();
            for part in parts {
                all.extend(self.selected(part, root, focus, index)?);
            }
            rows = rows
                .iter()
                .flat_map(|row| all.iter().map(|more| [&row[..], more].concat()))
                .collect();
        }
        Ok(rows)
    }

    fn repeat(
        &self,
        paths: &[Value],
        root: &'static Node<'static>,
        from: Element<'static>,
        found: &mut Vec<Element<'static>>,
    ) -> Result<(), String> {
        for path in paths {
            for item in self.follow(path, root, from, 0)? {
                let element = item.element().ok_or("no element")?;
                found.push(element);
                self.repeat(paths, root, element, found)?;
            }
        }
        Ok(())
    }

    /// The names of all columns, which must be the same in every part of a union.
    fn columns(&self, selections: &Value) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        for selection in selections.as_array().into_iter().flatten() {
            let columns = selection["column"].as_array().into_iter().flatten();
            names.extend(columns.map(|column| column["name"].as_str().unwrap().to_owned()));
            names.extend(self.columns(&selection["select"])?);
            let parts = selection["unionAll"].as_array().into_iter().flatten();
            let parts: Vec<_> = parts
                .map(|part| self.columns(&json!([part])))
                .collect::<Result<_, _>>()?;
            if parts.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err("the parts of a union have different columns".to_owned());
            }
            names.extend(parts.into_iter().next().unwrap_or_default());
        }
        Ok(names)
    }
}

fn is_simple(value: &Value) -> bool {
    !value.is_null() && !value.is_object() && !value.is_array()
}

fn as_json(item: &Item<'_>) -> Value {
    match item {
        Item::Boolean(value) => json!(value),
        Item::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Item::Text(text) => json!(text),
        Item::Element(element) => node_as_json(element.node),
    }
}

fn node_as_json(node: &Node<'_>) -> Value {
    match &node.content {
        Content::Null => Value::Null,
        Content::Boolean(value) => json!(value),
        Content::Number(text) => serde_json::from_str(text).unwrap(),
        Content::Text(text) => json!(text),
        Content::List(items) => items.iter().map(node_as_json).collect(),
        Content::Map(entries) => {
            let entries = entries.iter();
            Value::Object(
                entries
                    .map(|(key, node)| (key.to_string(), node_as_json(node)))
                    .collect(),
            )
        }
    }
}

/// Rows in a form in which the order of rows and columns does not count, and 10 is 10.0.
fn comparable(rows: impl IntoIterator<Item = Map<String, Value>>) -> Vec<String> {
    let number = |value: Value| match value.as_f64() {
        Some(number) => json!(number),
        None => value,
    };
    let row = |row: Map<String, Value>| {
        let row: BTreeMap<_, _> = row
            .into_iter()
            .map(|(name, value)| (name, number(value)))
            .collect();
        serde_json::to_string(&row).unwrap()
    };
    let mut rows: Vec<_> = rows.into_iter().map(row).collect();
    rows.sort();
    rows
}

/// Why a test of the suite fails; none if it passes.
fn failure(test: &Value, resources: &'static [Node<'static>]) -> Option<String> {
    let found = View::new(&test["view"]).and_then(|view| view.rows(resources));
    if test["expectError"] == json!(true) {
        return found.ok().map(|rows| format!("no error, but {rows:?}"));
    }
    let rows = match found {
        Ok(rows) => rows,
        Err(error) => return Some(error),
    };
    if let (Some(columns), Some(row)) = (test["expectColumns"].as_array(), rows.first()) {
        let names: Vec<Value> = row.iter().map(|(name, _)| json!(name)).collect();
        if names != *columns {
            return Some(format!("columns {names:?}"));
        }
    }
    let expected = test["expect"].as_array().unwrap().iter();
    let expected = comparable(expected.map(|row| row.as_object().unwrap().clone()));
    let rows = comparable(rows.into_iter().map(|row| row.into_iter().collect()));
    (rows != expected).then(|| format!("{rows:?}, but expected {expected:?}"))
}

#[test]
fn the_public_tests_of_sql_on_fhir() {
    let (mut passed, mut of, mut outside, mut failures) = (0, 0, 0, Vec::new());
    let mut files: Vec<_> = fs::read_dir("tests/data/sql-on-fhir-v2").unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().file_name());
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let suite: Value = serde_json::from_str(&text).unwrap();
        let resources: Vec<Node> = suite["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| Node::parse("test", String::leak(resource.to_string())).unwrap())
            .collect();
        let resources = Vec::leak(resources);
        for test in suite["tests"].as_array().unwrap() {
            of += 1;
            let name = path.file_stem().unwrap().to_string_lossy();
            let is_outside = OUTSIDE.iter().any(|(file, _)| *file == name);
            match failure(test, resources) {
                None if is_outside => {
                    failures.push(format!("{name}: {} passes; count it", test["title"]))
                }
                None => passed += 1,
                Some(_) if is_outside => {
                    assert!(
                        test["tags"]
                            .as_array()
                            .unwrap()
                            .contains(&json!("experimental"))
                    );
                    outside += 1;
                }
                Some(failure) => failures.push(format!("{name}: {}: {failure}", test["title"])),
            }
        }
    }
    assert_eq!(failures, Vec::<String>::new());
    // docs/fhir.md states these.
    assert_eq!((passed, outside, of), (126, 8, 134));
}

/// What is said of a path that cannot be compiled: where it stands in the path between `«` and `»`, and what would be right.
const REFUSED: [(&str, &str, &str); 25] = [
    (
        "name.«were»(use = 'x')",
        "there is no function `were`",
        "did you mean `where`?",
    ),
    (
        "name.«matches»('x')",
        "there is no function `matches`",
        "there are `where`",
    ),
    (
        "«valueQuantity».value",
        "is a key of JSON",
        "write `value.ofType(Quantity)`",
    ),
    (
        "«effectiveDateTime»",
        "is a key of JSON",
        "write `effective.ofType(dateTime)`",
    ),
    (
        "value.ofType(«quantity»)",
        "no type `quantity`",
        "did you mean `Quantity`?",
    ),
    (
        "value.ofType(«Observaton»)",
        "no type `Observaton`",
        "did you mean `Observation`?",
    ),
    ("name.where(«»", "unexpected the end of the path", ""),
    ("name.where«(»a", "the path ends before `)`", ""),
    ("name.where«()»", "something is missing", ""),
    ("name«[»0", "the path ends before `]`", ""),
    ("name.«»", "unexpected the end of the path", ""),
    ("«»", "the path is empty", ""),
    ("name «name»", "unexpected `name`", ""),
    (
        "a = 'x' «implies» b",
        "unexpected `implies`",
        "not of the part that programs share",
    ),
    ("value «is» Quantity", "unexpected `is`", "not of the part"),
    (
        "value > 5 «'mg'»",
        "unexpected `'mg'`",
        "numbers have no unit here",
    ),
    (
        "birthDate < «@»2020",
        "dates are not written in paths",
        "`date` and `pick`",
    ),
    ("use = «\"»official\"", "between single quotes", ""),
    ("use = «'»official", "this quote is not closed", ""),
    ("use = 'a«\\»q'", "this escape stands for no character", ""),
    (
        "name[«%plase»]",
        "there is no `%plase`",
        "did you mean `%place`?",
    ),
    ("«$»", "a name is missing behind `$`", ""),
    ("a «@@»", "dates are not written", ""),
    ("a «§» b", "unexpected character: `§`", ""),
    (
        "value > «123456789012345678901234567890»",
        "out of reach",
        "",
    ),
];

#[test]
fn a_path_that_cannot_be_compiled_is_refused_with_its_place() {
    for (marked, message, help) in REFUSED {
        let (start, end) = (
            marked.find('«').unwrap(),
            marked.find('»').unwrap() - '«'.len_utf8(),
        );
        let text = marked.replace(['«', '»'], "");
        let error = Path::compile(&text, &["place"]).unwrap_err();
        assert!(error.message.contains(message), "{text}: {error:?}");
        assert!(error.help.unwrap_or_default().contains(help), "{text}");
        // `@@` is shown by its first character.
        let end = if text.contains("@@") { start + 1 } else { end };
        assert_eq!(error.span, start..end, "{text}");
    }
}

#[test]
fn what_a_path_cannot_do_in_a_resource_is_an_error_with_its_place() {
    let resource = r#"{ "a": [1, 2], "b": ["x", "y"], "c": { "d": 1 }, "e": 1e99, "f": "x" }"#;
    let resource = Node::parse("test", resource).unwrap();
    for (path, message, span) in [
        ("a > 1", "this gives 2 values where one is needed", 0..1),
        ("f > 1", "a number is needed here", 0..1),
        ("f and true", "this gives a text, not a boolean", 0..1),
        ("b.where($this)", "this gives a text, not a boolean", 8..13),
        ("c = 1", "only single values are compared", 0..1),
        ("e = 1", "out of reach", 0..1),
        ("a[0.5]", "`0.5` is no place in a list", 2..5),
        ("f.not()", "this gives a text", 2..5),
    ] {
        let compiled = Path::compile(path, &[]).unwrap();
        let error = compiled
            .evaluate(&resource, &Environment::default())
            .unwrap_err();
        assert!(error.message.contains(message), "{path}: {error:?}");
        assert_eq!(error.span, span, "{path}");
    }
}

/// What is too long or too deep is refused when it is compiled; what repeats within what repeats, when it is followed.
#[test]
fn a_path_that_explodes_is_refused() {
    let deep = |count: usize| {
        format!(
            "{}a{}",
            "a.where(".repeat(count),
            ".exists())".repeat(count)
        )
    };
    for text in [
        "a.".repeat(5_000) + "a",
        "a.".repeat(100) + "a",
        "(".repeat(200) + "a" + &")".repeat(200),
        "-".repeat(200) + "1",
        "1+".repeat(500) + "1",
        "a[".repeat(200) + "0" + &"]".repeat(200),
        deep(100),
    ] {
        assert!(Path::compile(&text, &[]).is_err(), "{}", text.len());
    }
    let items = vec!["1"; 150].join(",");
    let resource = format!(r#"{{ "a": [{items}] }}"#);
    let resource = Node::parse("test", &resource).unwrap();
    let path = "%resource.a.where(%resource.a.where(%resource.a.where(%resource.a.exists()).exists()).exists())";
    let path = Path::compile(path, &[]).unwrap();
    let error = path
        .evaluate(&resource, &Environment::default())
        .unwrap_err();
    assert!(
        error.message.contains("more than 1000000 steps"),
        "{error:?}"
    );
}

/// What has a meaning here that the public tests do not look at.
#[test]
fn paths_mean_what_they_say() {
    let resource = r#"{ "resourceType": "Observation", "id": "o1", "status": "final", "valueQuantity": { "value": 0.1000000000000000000000001 },
        "_birthDate": { "extension": [{ "url": "u", "valueCode": "unknown" }] }, "given": ["a", null], "_given": [null, { "id": "x" }],
        "part": [{ "n": 1 }, { "n": 2.0 }, { "m": true }], "valueSet": "no choice", "subject": { "reference": "https://x.org/fhir/Patient/p1/_history/2" },
        "code": { "coding": [{ "system": "s", "code": "c" }] } }"#;
    let resource = Node::parse("test", resource).unwrap();
    for (path, texts) in [
        ("Observation.status", &["final"][..]),
        ("Patient.status", &[]),
        (
            "value.ofType(Quantity).value",
            &["0.1000000000000000000000001"],
        ),
        (
            "value.ofType(Quantity).value * 10",
            &["1.000000000000000000000001"],
        ),
        ("value.ofType(string)", &[]),
        ("birthDate.extension('u').value.ofType(code)", &["unknown"]),
        ("birthDate.exists()", &["true"]),
        ("given", &["a"]),
        ("part.n", &["1", "2.0"]),
        ("part.where(n = 2).n", &["2.0"]),
        ("part.where(n > 1 or m).exists()", &["true"]),
        ("part.n.last()", &["2.0"]),
        ("part[1].n | part.n", &["2.0", "1"]),
        ("(part.n | part.n).first()", &["1"]),
        ("1 / 0", &[]),
        ("-2 + 3 * 2 - 1", &["3"]),
        ("{} = 1", &[]),
        ("({} = 1) or true", &["true"]),
        ("({} = 1) and false", &["false"]),
        ("part.n = part.n", &["true"]),
        ("part.n != part.m", &["true"]),
        ("subject.getReferenceKey()", &["Patient/p1"]),
        ("subject.resolve()", &[]),
        (
            "code.coding.where(system = 's' and code = 'c').exists()",
            &["true"],
        ),
        ("`id`", &["o1"]),
        ("'it\\'s'", &["it's"]),
    ] {
        let compiled = Path::compile(path, &[]).unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let found = compiled
            .evaluate(&resource, &Environment::default())
            .unwrap();
        let found: Vec<_> = found.iter().filter_map(Item::text).collect();
        assert_eq!(found, texts, "{path}");
    }
}

#[test]
fn json_with_a_key_twice_is_refused() {
    for (text, at) in [
        (
            r#"{ "status": "final", "status": "entered-in-error" }"#.to_owned(),
            "1:22",
        ),
        (
            format!(
                "{{ {} \"k3\": 1 }}",
                (0..40).map(|n| format!("\"k{n}\": 1,")).collect::<String>()
            ),
            "1:354",
        ),
    ] {
        let problem = Node::parse("a.json", &text).unwrap_err().one_line();
        assert!(
            problem.contains("stands twice here") && problem.contains(&format!("a.json:{at}:")),
            "{problem}"
        );
    }
}
