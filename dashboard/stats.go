package dashboard

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/weirlog/weir/ui"
)

// Capabilities that every dashboard has; the page hides what is not named here.
var ownCapabilities = [...]string{"search", "stream", "tail", "export"}

// stats answers GET /api/v1/stats.
func (d *Dashboard) stats(w http.ResponseWriter, _ *http.Request) {
	s := d.ownStats()
	if d.opts.Stats == nil {
		writeJSON(w, http.StatusOK, s)
		return
	}
	merged := map[string]any{}
	body, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(body, &merged)
	}
	if err != nil {
		panic("BUG: " + err.Error())
	}
	// Numbers above 2^53 would lose their last digits on the way through float64.
	merged["published"], merged["evicted"], merged["missed"] = s.Published, s.Evicted, s.Missed
	maps.Copy(merged, d.opts.Stats())
	if _, err := json.Marshal(merged); err != nil {
		writeError(w, apiError{http.StatusInternalServerError, "internal", "the numbers cannot be written: " + err.Error(), ""})
		return
	}
	writeJSON(w, http.StatusOK, merged)
}

func (d *Dashboard) ownStats() Stats {
	h := d.backend.Hub().Stats()
	s := Stats{
		Role:            d.opts.Role,
		Name:            d.opts.Name,
		Version:         d.opts.Version,
		Build:           ui.BuildID(),
		StartedAt:       formatTime(d.opts.StartedAt),
		Records:         uint64(h.Held),
		Published:       h.Published,
		Viewers:         int(d.streams.Load()),
		Held:            h.Held,
		HeldBytes:       h.HeldBytes,
		Evicted:         h.Evicted,
		Missed:          h.Missed,
		ViewersDropped:  d.viewersDropped.Load(),
		SearchesRefused: d.gate.refused.Load(),
	}
	s.Capabilities = append(append(s.Capabilities, ownCapabilities[:]...), d.opts.ExtraCapabilities...)
	return s
}
