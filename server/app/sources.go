package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/weirlog/weir/server/intake"
)

// maxListedSequences bounds the emitters whose sequence is looked up for one answer.
const maxListedSequences = 1_000

// sourceList is the answer of GET /api/v1/sources.
type sourceList struct {
	Since    time.Time    `json:"since"` // when the server began to count
	Sources  []sourceLine `json:"sources"`
	Complete bool         `json:"complete"`
	Reason   string       `json:"reason,omitempty"` // why it is not
}

// sourceLine is what is known of one sender.
type sourceLine struct {
	Protocol string   `json:"protocol"`
	Sender   string   `json:"sender,omitempty"`
	Agent    string   `json:"agent,omitempty"`
	State    string   `json:"state,omitempty"`
	Services []string `json:"services,omitempty"`

	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`

	Received     uint64            `json:"received"`
	Bytes        uint64            `json:"bytes"`
	Stored       uint64            `json:"stored"`
	Deduplicated uint64            `json:"deduplicated"`
	Pending      uint64            `json:"pending"`
	Refused      map[string]uint64 `json:"refused,omitempty"`
	Repaired     uint64            `json:"repaired"`

	Repairs   []noteLine     `json:"repairs,omitempty"`
	Troubles  []noteLine     `json:"troubles,omitempty"`
	Sequences []sequenceLine `json:"sequences,omitempty"`
}

// noteLine is something that happened to a source.
type noteLine struct {
	What    string    `json:"what"`
	Count   uint64    `json:"count"`
	Last    time.Time `json:"last"`
	Message string    `json:"message,omitempty"`
}

// sequenceLine says whether all that an emitter numbered is here.
type sequenceLine struct {
	Source   string `json:"source"`
	First    uint64 `json:"first"`
	Last     uint64 `json:"last"`
	Missing  uint64 `json:"missing"`
	Complete bool   `json:"complete"`
}

func (s *server) sources(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.opts.Settings.QueryTimeout)
	defer cancel()
	list := sourceList{Since: s.started, Sources: []sourceLine{}, Complete: true}
	lookups := 0
	for _, c := range s.intake.Ledger() {
		line := lineOf(&c)
		for _, emitter := range c.Sequences {
			if lookups++; lookups > maxListedSequences {
				list.Complete, list.Reason = false, "limit"
			}
			if !list.Complete {
				break
			}
			found, err := s.intake.Sequence(ctx, emitter)
			if err != nil {
				s.log.Warn("list the sources", "error", err)
				list.Complete, list.Reason = false, "unavailable"
				if errors.Is(err, context.DeadlineExceeded) {
					list.Reason = "deadline"
				}
				break
			}
			line.Sequences = append(line.Sequences, sequenceLine{emitter, found.First, found.Last, found.Missing, found.Missing == 0})
		}
		list.Sources = append(list.Sources, line)
	}
	answer(w, http.StatusOK, list)
}

func lineOf(c *intake.Counts) sourceLine {
	return sourceLine{
		Protocol: c.Protocol, Sender: c.Sender, Agent: c.Agent, State: c.State, Services: c.Services,
		FirstSeen: c.FirstSeen.UTC(), LastSeen: c.LastSeen.UTC(),
		Received: c.Received, Bytes: c.Bytes, Stored: c.Stored, Deduplicated: c.Deduplicated, Pending: c.Pending,
		Refused: c.Refused, Repaired: c.Repaired,
		Repairs: notesOf(c.Repairs), Troubles: notesOf(c.Troubles),
	}
}

func notesOf(notes []intake.Note) []noteLine {
	lines := make([]noteLine, len(notes))
	for i, n := range notes {
		lines[i] = noteLine{n.What, n.Count, n.Last.UTC(), n.Message}
	}
	return lines
}
