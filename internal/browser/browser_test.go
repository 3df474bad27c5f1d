package browser

import "testing"

func TestWanted(t *testing.T) {
	for _, c := range []struct {
		name, goos string
		env        map[string]string
		want       bool
	}{
		{"a desktop", "linux", map[string]string{"DISPLAY": ":0"}, true},
		{"wayland", "linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
		{"no display", "linux", nil, false},
		{"CI", "darwin", map[string]string{"CI": "true"}, false},
		{"CI is off", "darwin", map[string]string{"CI": "false"}, true},
		{"a remote shell", "darwin", map[string]string{"SSH_CONNECTION": "1 2 3 4"}, false},
		{"windows", "windows", nil, true},
	} {
		if got := Wanted(c.goos, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
