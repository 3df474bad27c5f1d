package main

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// maxTodos bounds what a demo keeps in memory.
const maxTodos = 1000

var (
	errNoTodo    = errors.New("there is no such todo")
	errEmptyTodo = errors.New("a todo needs a text")
	errTooMany   = errors.New("there are 1,000 todos: delete some")
)

type todo struct {
	ID        int    `json:"id"`
	Text      string `json:"text"`
	Completed bool   `json:"completed"`
}

// todoChange is what PUT may change.
type todoChange struct {
	Text      *string `json:"text"`
	Completed *bool   `json:"completed"`
}

// todos are safe for concurrent use.
type todos struct {
	mu   sync.Mutex
	last int
	byID map[int]todo
}

func newTodos() *todos {
	t := &todos{byID: map[int]todo{}}
	for _, text := range []string{"Look at the server's page", "Follow one trace from the browser to the backend"} {
		t.last++
		t.byID[t.last] = todo{ID: t.last, Text: text}
	}
	return t
}

func (t *todos) all() []todo {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.SortedFunc(maps.Values(t.byID), func(a, b todo) int { return a.ID - b.ID })
}

func (t *todos) add(text string) (todo, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch text = strings.TrimSpace(text); {
	case text == "":
		return todo{}, errEmptyTodo
	case len(t.byID) >= maxTodos:
		return todo{}, errTooMany
	}
	t.last++
	added := todo{ID: t.last, Text: text}
	t.byID[added.ID] = added
	return added, nil
}

func (t *todos) change(id int, c todoChange) (todo, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed, ok := t.byID[id]
	if !ok {
		return todo{}, errNoTodo
	}
	if c.Text != nil {
		if changed.Text = strings.TrimSpace(*c.Text); changed.Text == "" {
			return todo{}, errEmptyTodo
		}
	}
	if c.Completed != nil {
		changed.Completed = *c.Completed
	}
	t.byID[id] = changed
	return changed, nil
}

func (t *todos) remove(id int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.byID[id]; !ok {
		return errNoTodo
	}
	delete(t.byID, id)
	return nil
}
