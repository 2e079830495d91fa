/** Returns a number of members as text, such as `1 member`. */
export function membersText(count: number): string {
  return count === 1 ? '1 member' : `${count} members`;
}
