/** A guided tour of the sandbox. */
export function Tour() {
  return null;
}
