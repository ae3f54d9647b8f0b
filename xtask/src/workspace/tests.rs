//! What is read from the answer of `cargo metadata`.

use super::{Dependency, DependencyKind, parse_packages};
use std::path::Path;

const ANSWER: &str = r#"{"packages": [{
    "name": "bmt-io", "manifest_path": "base/crates/bmt-io/Cargo.toml",
    "description": "pages", "readme": null, "publish": [],
    "targets": [{"kind": ["lib"]}, {"kind": ["test"]}],
    "dependencies": [
        {"name": "libc", "kind": null, "optional": true},
        {"name": "tempfile", "kind": "dev", "optional": false}
    ]
}]}"#;

#[test]
fn a_package_is_read_with_its_dependencies() {
    let packages = parse_packages(ANSWER, Path::new("base")).unwrap();
    assert_eq!(packages.len(), 1);
    let package = &packages[0];
    assert_eq!((package.name.as_str(), package.folder.as_str()), ("bmt-io", "crates/bmt-io"));
    assert_eq!(package.description.as_deref(), Some("pages"));
    assert_eq!(package.readme, None);
    assert!(package.has_library && !package.publishable);
    let dependency = |name: &str, kind, optional| Dependency { name: name.into(), kind, optional };
    let expected = [
        dependency("libc", DependencyKind::Normal, true),
        dependency("tempfile", DependencyKind::Dev, false),
    ];
    assert_eq!(package.dependencies, expected);
}

#[test]
fn an_answer_of_another_shape_is_refused() {
    assert!(parse_packages("{}", Path::new("base")).is_err());
    assert!(parse_packages("{", Path::new("base")).is_err());
}
