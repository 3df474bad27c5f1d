package loki

import (
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
)

// labelsKept is the attribute that holds labels which cannot be read.
const labelsKept = "labels"

// Limits of a stream's labels, because each of its records carries them: 10,000
// entries of two bytes must not become gigabytes.
const (
	// MaxLabelBytes bounds them as they are written; longer ones are kept as text with the
	// stream's first entry. Loki's own limits are 15 labels of at most 3 KiB, and what
	// clients send is below 4 KiB.
	MaxLabelBytes = 16 << 10
	// MaxLabels is how many become fields and attributes; more are kept as one text.
	MaxLabels = 64
)

// given is what a body says about a stream.
type given struct {
	labels  []label
	first   string // labels as they came, for the first entry only
	repairs []record.Repair
}

// tooLong keeps labels over MaxLabelBytes.
func tooLong(text string) given {
	return given{first: text, repairs: []record.Repair{{Field: labelsKept, Reason: "longer than 16 KiB: they are kept as text with the stream's first entry"}}}
}

// oddLabels keeps labels that cannot be read.
func oddLabels(text string) given {
	return given{labels: []label{{labelsKept, text}}, repairs: []record.Repair{{Field: labelsKept, Reason: `not as {name="value"}, they are kept as text`}}}
}

// parseLabels reads labels as Prometheus writes them: {name="value", other="a\"b"}.
// What cannot be read is kept as text, as one label more.
func parseLabels(text string) given {
	if len(text) > MaxLabelBytes {
		return tooLong(text)
	}
	rest := strings.TrimSpace(text)
	if rest == "" {
		return given{}
	}
	var labels []label
	inner, ok := strings.CutPrefix(rest, "{")
	if !ok {
		return oddLabels(text)
	}
	for rest = strings.TrimSpace(inner); ; {
		if rest == "}" {
			return bounded(labels, text)
		}
		var one label
		if one, rest, ok = cutLabel(rest); !ok {
			return oddLabels(text)
		}
		labels = append(labels, one)
	}
}

// bounded keeps the labels as text when they are too many.
func bounded(labels []label, text string) given {
	if len(labels) <= MaxLabels {
		return given{labels: labels}
	}
	return given{
		labels:  append(labels[:MaxLabels:MaxLabels], label{labelsKept, text}),
		repairs: []record.Repair{{Field: labelsKept, Reason: "more than 64 labels: all are kept as text"}},
	}
}

// cutLabel takes one label and the comma behind it.
func cutLabel(s string) (l label, rest string, ok bool) {
	name, rest, ok := strings.Cut(s, "=")
	if !ok {
		return l, s, false
	}
	rest = strings.TrimSpace(rest)
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return l, s, false
	}
	value, err := strconv.Unquote(quoted)
	if err != nil {
		return l, s, false
	}
	l = label{unquoted(strings.TrimSpace(name)), value}
	rest = strings.TrimSpace(rest[len(quoted):])
	if after, comma := strings.CutPrefix(rest, ","); comma {
		return l, strings.TrimSpace(after), true
	}
	return l, rest, rest == "}"
}

// unquoted is the name of a label that had to be quoted, as newer clients do with dots.
func unquoted(name string) string {
	if strings.HasPrefix(name, `"`) {
		if plain, err := strconv.Unquote(name); err == nil {
			return plain
		}
	}
	return name
}

// meaning is the field of a record that a label gives.
type meaning uint8

const (
	meansNothing meaning = iota
	meansService
	meansHost
	meansEnvironment
	meansVersion
	meansType
	meansLevel
	meansTrace
	meansSpan
	meaningsCount
)

// namesOf are the labels that give a field, the most telling first: Weir's own name,
// then Loki's order for finding a service's name, from what names a program to what
// names the place where it runs. A namespace is none of them: it is a team's or an
// application's as often as an environment.
var namesOf = [meaningsCount][]string{
	meansService: {
		"service", "service_name", "app", "application", "app_name", "name", "app_kubernetes_io_name",
		"container", "container_name", "k8s_container_name", "component", "workload", "job", "k8s_job_name",
	},
	meansHost:        {"host", "hostname", "host_name", "node_name", "nodename", "node", "k8s_node_name", "instance"},
	meansEnvironment: {"environment", "env", "deployment_environment_name", "deployment_environment"},
	meansVersion:     {"service_version", "app_version", "app_kubernetes_io_version"},
	meansType:        {"log_type"},
	meansLevel:       {"level", "severity", "severity_text", "lvl", "loglevel", "log_level", levelGuessed},
	meansTrace:       {"trace_id", "traceId", "traceID", "traceid"},
	meansSpan:        {"span_id", "spanId", "spanID", "spanid"},
}

// levelGuessed is the label in which Loki and Alloy note the level that they found in
// the line.
const levelGuessed = "detected_level"

// ranked is a field and how well a label's name says that it gives it.
type ranked struct {
	meaning meaning
	rank    int
}

var meanings = func() map[string]ranked {
	all := make(map[string]ranked)
	for m, names := range namesOf {
		for rank, name := range names {
			all[name] = ranked{meaning(m), rank}
		}
	}
	return all
}()

// choice is which labels of a list give which field.
type choice struct {
	at [meaningsCount]int // 1 + the label's place in the list; 0: none
}

// choose finds for each field the label that gives it.
func choose(labels []label) (c choice) {
	var ranks [meaningsCount]int
	for i, l := range labels {
		known, ok := meanings[l.name]
		m := known.meaning
		if !ok || l.value == "" || m == meansService && l.value == unknownService {
			continue
		}
		if c.at[m] == 0 || known.rank < ranks[m] {
			c.at[m], ranks[m] = i+1, known.rank
		}
	}
	return c
}

// unknownService is what Loki calls a service that it found no name for.
const unknownService = "unknown_service"

// value returns the text of the label that gives a field, "" when there is none.
func (c *choice) value(labels []label, m meaning) string {
	if c.at[m] == 0 {
		return ""
	}
	return labels[c.at[m]-1].value
}

// gives reports whether the i-th label gives a field.
func (c *choice) gives(i int) bool {
	for _, at := range c.at {
		if at == i+1 {
			return true
		}
	}
	return false
}
