// Package processor holds the steps that a record can take before sinks get it:
// filters ([Level], [Filter], [Drop], [Keep], [Sample], [Deduplicate], [RateLimit]),
// changes ([Rename], [Defaults], [Callsite], [StripMarkup], [Errors]) and [Redact],
// which takes secrets out.
//
// Put them into weir.Options.Processors, where they see every record, or into
// weir.SinkOptions.Processors for one sink. All of a list run, in order. Each
// constructor says whether what it returns may stand in several places; those that
// count or remember may not. Where an attribute is named, the name may be dotted:
// "user.plan" is plan inside the group user, and also the key "user.plan" itself.
//
// A step of your own is a weir.ProcessorFunc or a type with its Process method.
package processor
