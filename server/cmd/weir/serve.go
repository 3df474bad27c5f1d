package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirlog/weir/server/app"
	"github.com/weirlog/weir/server/config"
)

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server: take records in, keep them, serve the page and the API",
		Long: `Run the server: take records in, keep them, serve the page and the API.

Every flag is also a variable (--max-body is WEIR_MAX_BODY) and a key of
[server] in weir.toml; flags win over variables, those over the file.

SIGTERM and Ctrl-C finish what was taken in and end with code 0; a second one
ends at once.`,
		Example: `  weir serve
  weir serve --listen 127.0.0.1:8000 # the log-collector clients' default port
  weir serve --data /var/lib/weir --allow-origin https://app.example.com`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := loadSettings(cmd)
			if err != nil {
				return err
			}
			if settings.Data == "" {
				if settings.Data, err = config.DataDir(); err != nil {
					return err
				}
			}
			return withSignals(cmd.Context(), func(ctx context.Context) error {
				return app.Serve(ctx, app.Options{Settings: settings, Version: version, Err: os.Stderr})
			})
		},
	}
	config.Define(cmd.Flags())
	return cmd
}
