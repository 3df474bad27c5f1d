import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'

import svelteConfig from './svelte.config.js'

export default ts.config(
  { ignores: ['dist/', 'node_modules/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      // What a record says is text: nothing may turn it into markup.
      'svelte/no-at-html-tags': 'error',
      'no-eval': 'error',
      'no-restricted-properties': ['error', { property: 'innerHTML', message: 'records are text, never markup' }],
      // TypeScript checks names; the rule does not know DOM types.
      'no-undef': 'off',
      // Collections here are plain on purpose: one version counter redraws them.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
)
