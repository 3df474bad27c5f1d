import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig, type Plugin } from 'vitest/config'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// The id that stands in index.html before it is known, of the same length.
const BUILD_PLACEHOLDER = '000000000000'

// MIT asks that the notice travels with the code that is built in.
const BANNER = '/*! Weir. Contains Svelte, (c) Svelte contributors, MIT License: https://svelte.dev */'

// buildId writes into index.html the hash that BuildID in embed.go computes:
// over all files, sorted by name, with the placeholder in the id's place.
function buildId(): Plugin {
  let dir = ''
  return {
    name: 'weir-build-id',
    apply: 'build',
    configResolved(config) {
      dir = fileURLToPath(new URL(config.build.outDir, import.meta.url))
    },
    closeBundle() {
      const sum = createHash('sha256')
      for (const name of readdirSync(dir).sort()) {
        const content = readFileSync(join(dir, name))
        sum.update(`${name}\n${content.length}\n`).update(content)
      }
      const id = sum.digest('hex').slice(0, BUILD_PLACEHOLDER.length)
      const page = join(dir, 'index.html')
      writeFileSync(page, readFileSync(page, 'utf8').replace(BUILD_PLACEHOLDER, id))
    },
  }
}

export default defineConfig({
  base: './',
  plugins: [tailwindcss(), svelte(), buildId()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: '',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    target: 'es2022',
    rolldownOptions: {
      output: {
        banner: BANNER,
        codeSplitting: false,
        entryFileNames: 'app.js',
        assetFileNames: 'app[extname]',
      },
    },
  },
  server: { proxy: { '/api': process.env.WEIR_SERVER ?? 'http://127.0.0.1:5678' } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
})
