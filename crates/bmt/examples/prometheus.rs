//! The figures of a database where Prometheus scrapes them, without any further crate.
//!
//! A program that uses the `metrics` crate turns on the feature of that name and takes `Publisher` instead.
//!
//! Prints:
//! ```text
//! HTTP/1.1 200 OK
//! bmt_commits_total 10
//! bmt_commit_seconds_count 10
//! bmt_keys 1000
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Db, StateKey};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// Answers one request, whatever it asks for, with all figures.
fn answer(mut client: TcpStream, db: &Db) -> std::io::Result<()> {
    let mut request = [0; 1024];
    let length = client.read(&mut request)?;
    assert!(request[..length].starts_with(b"GET "));
    let text = db.stats().prometheus_text();
    write!(
        client,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let db = Db::open(directory.path())?;
    for number in 0..1000_u32 {
        db.insert(StateKey::service_storage(7, &number.to_le_bytes()), b"value")?;
        if number % 100 == 99 {
            db.commit()?;
        }
    }

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut scrape = TcpStream::connect(listener.local_addr()?)?;
    scrape.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    answer(listener.accept()?.0, &db)?; // in a program of yours, for each client, on a thread

    let mut page = String::new();
    scrape.read_to_string(&mut page)?;
    println!("{}", page.lines().next().unwrap_or_default());
    let (head, body) = page.split_once("\r\n\r\n").ok_or("the answer has no end of its head")?;
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    assert_eq!(length.ok_or("the answer has no length")?.parse(), Ok(body.len()));
    for name in ["bmt_commits_total", "bmt_commit_seconds_count", "bmt_keys"] {
        let line = body.lines().find(|line| line.split(' ').next() == Some(name));
        println!("{}", line.ok_or("a figure is missing")?);
    }
    Ok(())
}
