#!/usr/bin/env node
// Plain JavaScript that an old Node can read, so that it can say what is wrong instead of showing a syntax error.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const wanted = 24

if (Number(process.versions.node.split('.')[0]) < wanted) {
  console.error(`calltrail: this is Node ${process.versions.node}, and Calltrail needs Node ${wanted} or newer.
npm ci in the folder of Calltrail installs one beside the project; then use bin/calltrail, or npm start.`)
  process.exit(2)
}

// Half of a short command's time goes into reading the same code again, in every thread. Where the folder cannot be
// written, nothing is kept.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/calltrail', import.meta.url))
module.enableCompileCache(process.env.NODE_COMPILE_CACHE)

import('../src/main.ts').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error(`calltrail: ${error.message}\nRun npm ci in the folder of Calltrail first.`)
  process.exit(2)
})
