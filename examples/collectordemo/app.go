package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir"
)

// slowness is how long /api/slow takes: long enough to be found by duration_ms > 1000.
const slowness = 2 * time.Second

// maxBody bounds what a request may say; a todo is a line.
const maxBody = 16 << 10

// app is the application. Its records carry the path, the trace and the user of their
// request, because they are logged with its context.
type app struct {
	log   *weir.Logger
	todos *todos
}

func (a *app) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/login", a.login)
	mux.HandleFunc("GET /api/todos", a.list)
	mux.HandleFunc("POST /api/todos", a.create)
	mux.HandleFunc("PUT /api/todos/{id}", a.update)
	mux.HandleFunc("DELETE /api/todos/{id}", a.remove)
	mux.HandleFunc("GET /api/error", a.fail)
	mux.HandleFunc("GET /api/slow", a.slow)
}

func (a *app) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if !a.read(w, r, &body) {
		return
	}
	if body.Username == "" || body.Password == "" {
		a.log.WarnContext(r.Context(), "Login failed", "username", body.Username, "reason", "a name and a password are needed")
		answer(w, http.StatusUnauthorized, map[string]any{"success": false})
		return
	}
	user := "user_" + body.Username
	ctx := weir.With(r.Context(), "user_id", user) // the rest of this request is the user's
	a.log.InfoContext(ctx, "Login successful", "action_type", "login")
	answer(w, http.StatusOK, map[string]any{"success": true, "user_id": user})
}

func (a *app) list(w http.ResponseWriter, r *http.Request) {
	all := a.todos.all()
	a.log.InfoContext(r.Context(), "Todos listed", "count", len(all))
	answer(w, http.StatusOK, map[string]any{"todos": all})
}

func (a *app) create(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text string `json:"text"`
	}
	if !a.read(w, r, &body) {
		return
	}
	t, err := a.todos.add(body.Text)
	if err != nil {
		a.refuse(w, r, "Todo refused", err)
		return
	}
	a.log.InfoContext(r.Context(), "Todo created", "todo_id", t.ID, "todo_text", t.Text, "action_type", "create")
	answer(w, http.StatusCreated, t)
}

func (a *app) update(w http.ResponseWriter, r *http.Request) {
	var change todoChange
	id, ok := a.id(w, r)
	if !ok || !a.read(w, r, &change) {
		return
	}
	t, err := a.todos.change(id, change)
	if err != nil {
		a.refuse(w, r, "Todo not updated", err)
		return
	}
	a.log.InfoContext(r.Context(), "Todo updated", "todo_id", t.ID, "completed", t.Completed, "action_type", "update")
	answer(w, http.StatusOK, t)
}

func (a *app) remove(w http.ResponseWriter, r *http.Request) {
	id, ok := a.id(w, r)
	if !ok {
		return
	}
	if err := a.todos.remove(id); err != nil {
		a.refuse(w, r, "Todo not deleted", err)
		return
	}
	a.log.InfoContext(r.Context(), "Todo deleted", "todo_id", id, "action_type", "delete")
	answer(w, http.StatusOK, map[string]any{"success": true})
}

func (a *app) fail(w http.ResponseWriter, r *http.Request) {
	err := weir.WithStack(errors.New("the database is gone (on purpose)"))
	a.log.Err(r.Context(), err, "Request failed")
	answer(w, http.StatusInternalServerError, map[string]any{"error": "something went wrong"})
}

func (a *app) slow(w http.ResponseWriter, r *http.Request) {
	timer := a.log.StartTimer()
	select {
	case <-time.After(slowness):
	case <-r.Context().Done():
		a.log.WarnContext(r.Context(), "The client did not wait")
		return
	}
	timer.End(r.Context(), weir.LevelWarn, "Slow operation completed")
	answer(w, http.StatusOK, map[string]any{"success": true})
}

// read decodes a body, or answers what is wrong with it.
func (a *app) read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into); err != nil {
		a.log.WarnContext(r.Context(), "Body refused", "error", err)
		answer(w, http.StatusBadRequest, map[string]any{"error": "send a JSON object"})
		return false
	}
	return true
}

func (a *app) id(w http.ResponseWriter, r *http.Request) (int, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]any{"error": "the id is a number"})
		return 0, false
	}
	return id, true
}

func (a *app) refuse(w http.ResponseWriter, r *http.Request, message string, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, errNoTodo) {
		status = http.StatusNotFound
	}
	a.log.WarnContext(r.Context(), message, "error", err)
	answer(w, status, map[string]any{"error": err.Error()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // when it fails the client has left
}
