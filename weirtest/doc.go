// Package weirtest is for tests of programs that log with Weir, and of sinks.
//
// [New] makes a logger whose records a [Capture] keeps; [Attach] captures the records
// of one name of a logger that is there. [AssertLogged], [AssertNotLogged] and
// [AssertCount] look for records and show what was logged instead. [Golden] compares a
// text with a file in testdata. [TestSink] is the suite that a sink must pass.
//
// The package is of no use in a program.
package weirtest
