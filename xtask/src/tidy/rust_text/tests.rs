//! What counts as code, and what as a comment, a literal or a test.

use super::{without_comments_and_literals, without_test_modules};

fn code(source: &str) -> String {
    let code = without_comments_and_literals(source);
    assert_eq!(code.matches('\n').count(), source.matches('\n').count(), "lines must stay");
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn comments_are_blanked() {
    assert_eq!(code("a // b\nc /* d /* e */ f\n */ g"), "a c g");
    assert_eq!(code("/// doc\nfn f() {}"), "fn f() {}");
}

#[test]
fn strings_are_blanked() {
    assert_eq!(code(r#"f("a \" b // c") + g"#), r#"f(" ") + g"#);
    assert_eq!(code("f(r#\"a \" b\"#) + br\"c\" + h"), "f( ) + + h");
    assert_eq!(code("for x in r { }"), "for x in r { }");
    assert_eq!(code("\"a\nb\" c"), "\" \" c");
    assert_eq!(code("\"\\\\\" c"), "\" \" c");
}

#[test]
fn characters_are_blanked_and_lifetimes_stay() {
    assert_eq!(code(r"x('a') y('\'') z('\u{1F600}') w('é')"), "x( ) y( ) z( ) w( )");
    assert_eq!(code("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
    assert_eq!(code("match c { '\"' => 1, '/' => 2 }"), "match c { => 1, => 2 }");
}

#[test]
fn test_modules_are_blanked_and_what_follows_stays() {
    let source = "a();\n#[cfg(test)]\nmod tests {\n fn f() { x.unwrap() }\n}\nb();\n";
    let code = without_test_modules(source);
    assert_eq!(code.lines().count(), source.lines().count());
    assert!(!code.contains("unwrap") && code.contains("a();") && code.contains("b();"));
    assert_eq!(without_test_modules("#[cfg(test)]\nmod tests;\nc();").trim(), "c();");
}
