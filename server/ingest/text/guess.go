package text

import "github.com/weirlog/weir/record"

// form is what a line looks like.
type form uint8

const (
	formPlain  form = iota // text without a time or level in front
	formHead               // text with one
	formLogfmt             // key=value from end to end
	formJSON               // a JSON object
	forms
)

// guess is what a stream's format is taken for, so that one odd line does not change
// how it is read.
//
// The first guessLines lines are each read by what they look like, and vote; an object
// without a time, level or message that comes behind other lines is text. The
// form that most of them show is the stream's if at least a quarter shows it, else
// the stream is text: lines without any form count for nothing else, because every
// program prints some. From then on a line of pairs is logfmt only in a stream of
// logfmt, and an object without a time, level or message is a record's attributes
// only in a stream of JSON; elsewhere both are text, kept whole. What cannot be taken
// for something else is always read: a time or level in front of text, and a JSON
// object that has a time, level or message. switchLines lines in a row that show one
// other form change the guess for good; the first of them stay as they were read.
type guess struct {
	form  form // meaningful once decided
	lines int  // seen so far, up to guessLines
	votes [forms]int
	other form // what the last lines show instead
	run   int  // how many in a row do
}

const (
	// guessLines is more than the lines that start-up scripts and banners put in front
	// and few enough that a wrong guess costs little.
	guessLines = 8
	// switchLines is a coincidence seldom enough: lines of pairs among text come one or
	// two at a time.
	switchLines = 4
)

// judge takes the form that a line shows, of each line that starts a record, and
// tells whether the line is to be read so.
func (g *guess) judge(shown form) bool {
	if g.lines < guessLines {
		g.votes[shown]++
		if g.lines++; g.lines == guessLines {
			g.decide()
		}
		return true
	}
	if shown == g.form || shown == formPlain {
		g.run = 0
		return true
	}
	if shown != g.other {
		g.other, g.run = shown, 0
	}
	if g.run++; g.run < switchLines {
		return false
	}
	g.form, g.run = shown, 0
	return true
}

// takesObject judges an object, and tells whether it is a record by its keys. One
// that says nothing of what log records say is that in a stream of JSON only; while
// the stream is not known that means behind no line of another form.
func (g *guess) takesObject(r *record.Record) bool {
	mixed := g.lines < guessLines && g.votes[formJSON] < g.lines
	judged := g.judge(formJSON)
	return isLog(r) || judged && !mixed
}

func (g *guess) decide() {
	g.form = formHead
	for _, f := range []form{formLogfmt, formJSON} {
		if g.votes[f] >= guessLines/4 && g.votes[f] >= g.votes[g.form] {
			g.form = f
		}
	}
}
