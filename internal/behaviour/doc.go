// Package behaviour holds tests of what users of pulselog, of a log that streams into a
// browser, of ko-log and of log-collector's clients are used to, seen from outside,
// through Weir's public packages. The tests have the numbers of a checklist of those
// libraries' behaviour (A: pulselog, B: streams, C: ko-log, F: log-collector) or the
// names of the libraries' own tests; what has a number and no test here is tested
// beside its code, and what is refused stands in docs/adr/. The examples are the calls
// of docs/migration.md.
package behaviour
