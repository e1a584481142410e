import { writeFileSync } from 'node:fs'
import { configurationPage } from '../src/config/configuration-page.ts'

/** Writes the pages that are made from the code. */
writeFileSync(new URL('./configuration.md', import.meta.url), configurationPage())
