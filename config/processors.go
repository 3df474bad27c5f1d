package config

import (
	"strconv"

	"github.com/weirlog/weir"
)

// processorMaker makes a processor for one place.
type processorMaker func() (weir.Processor, error)

// readProcessors reads a list of processors: names, or objects with a type.
func readProcessors(s *Section, key string) []processorMaker {
	n := s.of(key, KindList, `a list, as ["errors", {"type": "level", "level": "warn"}]`)
	if n == nil {
		return nil
	}
	var out []processorMaker
	for i := range n.Items {
		item := &n.Items[i]
		path := s.join(key) + "[" + strconv.Itoa(i) + "]"
		if item.Kind == KindText {
			item = &Node{Kind: KindObject, Line: item.Line, Column: item.Column, Members: []Member{{Key: "type", Line: item.Line, Column: item.Column, Value: *item}}}
		}
		if item.Kind != KindObject {
			s.refuse(item, path, item.show()+" is not a processor", `write its name, or an object with a type`)
			continue
		}
		if m := readProcessor(newSection(item, path, s.report, s.with)); m != nil {
			out = append(out, m)
		}
	}
	return out
}

func readProcessor(s *Section) processorMaker {
	kind := s.of("type", KindText, "")
	if kind == nil {
		if !s.Has("type") {
			s.Refuse("", "the processor has no type", didYouMean("", names(s.with.processors)))
		}
		return nil
	}
	build, ok := s.with.processors[kind.Text]
	if !ok {
		e := s.problem(kind, s.join("type"), "unknown processor type: "+kind.Text, didYouMean(kind.Text, names(s.with.processors)), kind.Text)
		e.Layer, e.Category = weir.LayerProcessor, weir.CategoryConfiguration
		return nil
	}
	s.note("type", kind.Text, kind)
	m := build(s)
	s.unknown()
	if !s.good() {
		return nil
	}
	if m == nil {
		s.Refuse("type", "the builder of "+kind.Text+" made nothing", "a ProcessorBuilder returns a func, or refuses a key")
		return nil
	}
	if p, err := m(); err != nil || p == nil {
		text := "the processor " + kind.Text + " cannot be made"
		if err != nil {
			text += ": " + err.Error()
		}
		e := s.problem(s.node, s.path, text, "", nil)
		e.Layer, e.Category = weir.LayerProcessor, weir.CategoryConfiguration
		return nil
	}
	return m
}

// makeProcessors makes the processors for one place.
func makeProcessors(makers []processorMaker) ([]weir.Processor, error) {
	var out []weir.Processor
	for _, m := range makers {
		p, err := m()
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
