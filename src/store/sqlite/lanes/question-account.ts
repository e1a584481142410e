import type { Question } from './reader-thread.ts'

/** Whose question it is; empty for one about every account. */
export function accountOf(question: Question): string {
  if ('accountId' in question) return question.accountId
  if ('key' in question) return question.key.accountId
  return 'query' in question && 'accountId' in question.query ? question.query.accountId : ''
}
