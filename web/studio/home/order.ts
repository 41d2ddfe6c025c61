/**
 * Answers that may overtake each other: those to earlier questions come to nothing once a later one
 * is answered.
 */

/**
 * Questions of one kind. Call it when a question is asked; what it returns, when the answer is
 * there.
 * @returns whether the answer counts: no later question was answered before. One that is late but
 *   not overtaken does count, or a slow line on which each question comes before the answer to the
 *   last would never show anything
 */
export function createOrder(): () => () => boolean {
  let asked = 0;
  let answered = 0;
  return () => {
    const mine = ++asked;
    return () => {
      if (mine < answered) return false;
      answered = mine;
      return true;
    };
  };
}
