import type { Finding } from '../store/sqlite/doctor/doctor-finding.ts'

const MARKS = { ok: 'ok     ', warning: 'WARNING', problem: 'PROBLEM' } as const

/** A finding for people: what was looked at and what it is, and below it what to do. */
export function findingLines({ check, level, what, todo }: Finding): string {
  return `${MARKS[level]}  ${check.padEnd(11)}  ${what}\n${todo === null ? '' : `                      -> ${todo}\n`}`
}

/** How many there are of each kind, as numbers and for people. */
export function tally(findings: readonly Finding[]): { problems: number; warnings: number; text: string } {
  const problems = findings.filter(({ level }) => level === 'problem').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  return { problems, warnings, text: `\n${problems} problems, ${warnings} warnings\n` }
}
