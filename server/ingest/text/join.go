package text

import (
	"fmt"

	"github.com/weirlog/weir/record"
)

// maxEmpty is the longest line of spaces that counts as empty; a longer one is a
// line like others.
const maxEmpty = 1 << 10

// join puts a line to the record that it belongs to. A line that has a time, a level
// or is JSON begins a new record, whatever is waiting. A JSON line is complete by
// itself; one of text waits for more only when its look says that more may come.
func (s *Stream) join(line []byte, end int64) error {
	if s.object.open() {
		if taken, err := s.growObject(line, end); taken || err != nil {
			return err
		}
	}
	if taken, err := s.growPayload(line, end); taken || err != nil {
		return err
	}
	if r, ok := s.readObject(line); ok {
		if err := s.closeAll(); err != nil {
			return err
		}
		return s.emit(&r, len(line), end)
	}
	if opensObject(line) {
		if err := s.closeAll(); err != nil {
			return err
		}
		s.object.add(string(line), end)
		if !s.object.complete() {
			return nil
		}
		s.object.take()
	}
	return s.joinText(string(line), end)
}

// readObject reads a line of JSON. Indented behind a record it must say what log
// records say: otherwise it is a part of what is printed there.
func (s *Stream) readObject(line []byte) (record.Record, bool) {
	if len(line) == 0 || line[0] != '{' && line[0] != ' ' && line[0] != '\t' {
		return record.Record{}, false
	}
	if s.group.open && line[0] != '{' {
		r, ok := s.parser.parseJSON(line)
		if !ok || !isLog(&r) {
			return record.Record{}, false
		}
	}
	return s.parser.readJSON(line)
}

// growObject adds a line to the object that is coming. taken is false when the line
// does not belong to it; the object's lines are then lines of text.
func (s *Stream) growObject(line []byte, end int64) (taken bool, err error) {
	o := &s.object
	if !goesOn(line) {
		return false, s.giveUpObject("")
	}
	o.add(string(line), end)
	switch {
	case o.complete():
		whole := joinLines(o.lines)
		if r, ok := s.parser.parseJSON(whole); ok {
			lines := o.take()
			if !s.parser.guess.takesObject(&r) {
				r = record.Record{Message: string(whole)}
			}
			s.parser.keepTime(&r)
			s.count.joined += uint64(len(lines) - 1)
			size := 0
			for _, l := range lines {
				size += len(l.text)
			}
			return true, s.emit(&r, size, end)
		}
		return true, s.giveUpObject("")
	case len(o.lines) >= s.opts.MaxJoinLines || o.bytes > s.opts.MaxJoinBytes:
		return true, s.giveUpObject(fmt.Sprintf("an object of more than %d lines or %d bytes was not read as one", s.opts.MaxJoinLines, s.opts.MaxJoinBytes))
	}
	return true, nil
}

// giveUpObject makes records of the lines of what is no object, the first with the
// reason.
func (s *Stream) giveUpObject(reason string) error {
	for i, l := range s.object.take() {
		if reason != "" && i == 0 {
			r, _ := s.parser.parseText(l.text)
			record.MarkRepaired(&r, []record.Repair{{Field: "message", Reason: reason}})
			s.count.split++
			if err := s.emit(&r, len(l.text), l.end); err != nil {
				return err
			}
			continue
		}
		if err := s.joinText(l.text, l.end); err != nil {
			return err
		}
	}
	return nil
}

// joinText puts a line of text to its record.
func (s *Stream) joinText(text string, end int64) error {
	plain, _ := stripColors(text)
	if len(s.place) > 0 {
		if taken, err := s.growPlace(text, plain, end); taken || err != nil {
			return err
		}
	}
	g := &s.group
	switch {
	case isEmpty(plain) && len(text) <= maxEmpty:
		if g.open && len(g.empty) < s.opts.MaxJoinLines {
			g.empty = append(g.empty, empty{text, s.parser.headTime, end})
			return nil
		}
		if err := s.closeAll(); err != nil {
			return err
		}
		return s.emit(&record.Record{Message: text, Time: s.parser.headTime}, len(text), end)
	case g.open && g.goesOn(plain) && !s.parser.hasHead(plain):
		g.see(plain)
		g.announces = announces(plain)
		return s.grow(text, end)
	}
	r, f := s.parser.readLine(text)
	if f == formPlain && g.open && g.takes(plain, len(text)) {
		g.announces = false
		return s.grow(text, end)
	}
	if err := s.closeAll(); err != nil {
		return err
	}
	return s.begin(&r, f, heldLine{text, end}, plain)
}

// begin starts a record with a line of text.
func (s *Stream) begin(r *record.Record, f form, l heldLine, plain string) error {
	f = s.parser.settle(r, f, l.text)
	t, traced := trace{}, false
	if f == formPlain {
		if isNodePlace(plain) {
			s.place = append(s.place, l)
			return nil
		}
		if t, traced = startTrace(plain); !traced {
			return s.emit(r, len(l.text), l.end)
		}
	}
	if len(l.text) >= s.opts.MaxJoinBytes {
		return s.emit(r, len(l.text), l.end)
	}
	s.group.start(r, l.text, l.end)
	s.group.headed, s.group.trace = f != formPlain, t
	s.group.announces = s.group.headed && announces(r.Message)
	return nil
}

// growPlace adds a line to what Node prints in front of an error: any line of code,
// then the marker under it. taken is false when it is something else; the lines are
// then lines like others.
func (s *Stream) growPlace(text, plain string, end int64) (taken bool, err error) {
	if len(s.place) == 1 {
		if _, f := s.parser.parseText(text); f == formPlain && !isEmpty(plain) {
			s.place = append(s.place, heldLine{text, end})
			return true, nil
		}
	} else if isMarker(plain) {
		lines := append(s.place, heldLine{text, end})
		s.place = nil
		s.group.start(&record.Record{Message: lines[0].text}, lines[0].text, lines[0].end)
		s.group.headed, s.group.trace = false, trace{language: framed, sure: true, state: wantError}
		for _, l := range lines[1:] {
			s.group.add(l.text, l.end)
		}
		return true, nil
	}
	return false, s.givePlace()
}

// givePlace makes records of lines that looked like the beginning of an error.
func (s *Stream) givePlace() error {
	lines := s.place
	s.place = nil
	for i, l := range lines {
		if i == 0 {
			if err := s.emit(&record.Record{Message: l.text}, len(l.text), l.end); err != nil {
				return err
			}
			continue
		}
		if err := s.joinText(l.text, l.end); err != nil {
			return err
		}
	}
	return nil
}

// grow adds a line to the group, in a new part when there is no more room.
func (s *Stream) grow(text string, end int64) error {
	g := &s.group
	if g.lines+len(g.empty) >= s.opts.MaxJoinLines || g.lines > 0 && g.size()+len(text) >= s.opts.MaxJoinBytes {
		at, size := g.end, g.first+len(g.more)
		s.count.joined += g.joined()
		r := g.split(fmt.Sprintf("the record has more than %d lines or %d bytes", s.opts.MaxJoinLines, s.opts.MaxJoinBytes))
		s.count.split++
		if err := s.emit(&r, size, at); err != nil {
			return err
		}
	}
	g.add(text, end)
	return nil
}

// closeAll makes records of everything that waits.
func (s *Stream) closeAll() error {
	for s.Waiting() {
		var err error
		switch {
		case s.object.open():
			err = s.giveUpObject("")
		case len(s.place) > 0: // its lines may begin something again
			err = s.givePlace()
		default:
			err = s.closeGroup()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Stream) closeGroup() error {
	g := &s.group
	g.open = false
	if len(g.more) == 0 && g.part == 0 && g.trace.language != python {
		if err := s.emit(&g.rec, g.first, g.end); err != nil {
			return err
		}
		return s.emitEmpty()
	}
	if g.headed && g.trace.language != noTrace && !g.trace.sure && g.part == 0 {
		return s.cutGroup()
	}
	s.count.joined += g.joined()
	r := g.record()
	if g.part > 0 {
		g.number(&r, fmt.Sprintf("the record has more than %d lines or %d bytes", s.opts.MaxJoinLines, s.opts.MaxJoinBytes))
		s.count.split++
	}
	if err := s.emit(&r, g.first+len(g.more), g.end); err != nil {
		return err
	}
	if cap(g.more) > maxKept {
		g.more = nil
	}
	return s.emitEmpty()
}

// cutGroup makes two records of a group whose lines from the error on turned out to
// be no trace.
func (s *Stream) cutGroup() error {
	g := &s.group
	head, text := g.rec, string(g.more[g.traceAt+1:])
	head.Message += string(g.more[:g.traceAt])
	s.count.joined += uint64(g.lines - 2) // all but the first of each
	if err := s.emit(&head, g.first+g.traceAt, g.traceEnd); err != nil {
		return err
	}
	first := firstLine(text)
	r, f := s.parser.readLine(first)
	s.parser.settle(&r, f, first)
	r.Message += text[len(first):]
	if err := s.emit(&r, len(text), g.end); err != nil {
		return err
	}
	return s.emitEmpty()
}

// emitEmpty makes records of the empty lines behind a record.
func (s *Stream) emitEmpty() error {
	g := &s.group
	for _, e := range g.empty {
		if err := s.emit(&record.Record{Message: e.text, Time: e.time}, len(e.text), e.end); err != nil {
			return err
		}
	}
	g.empty = g.empty[:0]
	return nil
}
