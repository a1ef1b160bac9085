"""Mathematics in LaTeX; plain arithmetic in the prompt is really worked out."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from random import Random

from orchat.demo.kinds import capitalised, topic_of

_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_EXPRESSION = re.compile(r"[\d(][\d\s.()+\-*/%^×÷]*[\d)]")
_LARGEST_EXPONENT = 64
_LONGEST_EXPRESSION = 120

_WORKED = r"""
Take the function \(f(x) = x^2 e^{-x}\). By the product rule

\[
f'(x) = 2x\,e^{-x} - x^2 e^{-x} = x(2 - x)\,e^{-x},
\]

so the slope is zero at \(x = 0\) and at \(x = 2\). The area under the curve is

$$\int_0^\infty x^2 e^{-x}\,dx = \Gamma(3) = 2.$$

| \(x\) | \(f(x)\) | \(f'(x)\) |
|--:|--:|--:|
| 0 | 0 | 0 |
| 1 | 0.368 | 0.368 |
| 2 | 0.541 | 0 |
""".strip()


def write_maths(question: str, random: Random) -> str:
    """Steps in order, with the result at the end."""
    topic = capitalised(topic_of(question))
    expression = find_expression(question)
    value = evaluate(expression) if expression else None
    if expression and value is not None:
        return _arithmetic(topic, expression, value)
    check = random.choice(("put the result back in", "try it with a small number", "compare the units of both sides"))
    return f"## {topic}\n\n{_WORKED}\n\nTo be sure, {check}."


def find_expression(question: str) -> str | None:
    """The longest piece of arithmetic in a text, in Python's notation."""
    found = [match[0].strip() for match in _EXPRESSION.finditer(question) if re.search(r"[-+*/%^×÷]", match[0])]
    longest = max(found, key=len, default=None)
    return longest.replace("^", "**").replace("×", "*").replace("÷", "/") if longest else None


def evaluate(expression: str) -> float | None:
    """The value of plain arithmetic, None when it is something else or too large."""
    if len(expression) > _LONGEST_EXPRESSION:
        return None
    try:
        return _value(ast.parse(expression, mode="eval").body)
    except (ArithmeticError, SyntaxError, ValueError):
        return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left), _value(node.right)
        # A tower of powers would keep the server busy for ever; roots of negative numbers are not real.
        if isinstance(node.op, ast.Pow) and (abs(right) > _LARGEST_EXPONENT or abs(left) > 1e6 or left < 0):
            raise ValueError("too large")
        return _OPERATORS[type(node.op)](left, right)
    raise ValueError("not plain arithmetic")


def _arithmetic(topic: str, expression: str, value: float) -> str:
    shown = f"{value:.10g}" if value % 1 else str(int(value))
    latex = expression.replace("**", "^").replace("*", r" \times ").replace("/", r" \div ").replace("%", r" \bmod ")
    latex = re.sub(r" +", " ", latex)
    latex = re.sub(r"\^\s*(\d+)", r"^{\1}", latex)
    return f"""\
## {topic}

Powers first, then products, then sums:

$$
{latex} = {shown}
$$

So the result is **{shown}**. In Python you can check it with

```python
print({expression})
```"""
