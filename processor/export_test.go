package processor

import "regexp"

// BreakRedactor makes it panic on each text.
func BreakRedactor(x *Redactor) { x.patterns = []*regexp.Regexp{nil} }
