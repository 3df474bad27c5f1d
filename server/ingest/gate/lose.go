package gate

import "github.com/weirlog/weir/server/intake"

// LoseRate counts records that came from a sender over its rate, who cannot wait.
func (g *Gate) LoseRate(source intake.Source, n int) { g.intake.Lose(source, intake.ReasonRate, n) }

// CountTrouble notes a trouble as Trouble does, and does not log it: for those that come
// in crowds, of which the log has some.
func (g *Gate) CountTrouble(source intake.Source, reason, message string) {
	g.intake.Trouble(source, reason, message)
}
