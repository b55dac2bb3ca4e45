//! Expressions read from text, by operator precedence (V. R. Pratt, "Top Down Operator Precedence", 1973).

use std::ops::Bound;

use super::check::{MAX_DEPTH, too_deep};
use super::display::{power, power_of_operator};
use super::token::{Token, expected, tokens};
use super::{Expr, Operator, lit};
use crate::{Comparison, Error, Interval, Pattern, Result, Scalar};

pub(super) fn parse(text: &str) -> Result<Expr> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        open: 0,
    };
    let (expr, _) = parser.expression(power::IF)?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.expected("an operator or the end")),
    }
}

/// An expression, and how many levels it nests.
type Nested = (Expr, usize);

/// What stands between two values, or behind one.
#[derive(Clone, Copy)]
enum Infix {
    Or,
    And,
    Compare(Comparison),
    Arithmetic(Operator),
    /// `is missing`.
    Is,
    /// `not` before a test.
    Not,
    Test,
}

impl Infix {
    fn power(self) -> u8 {
        match self {
            Self::Or => power::OR,
            Self::And => power::AND,
            Self::Compare(_) | Self::Is | Self::Not | Self::Test => power::COMPARE,
            Self::Arithmetic(operator) => power_of_operator(operator),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token)>,
    next: usize,
    /// Calls of [`Self::expression`] under way. Parentheses need two a level, and make none by themselves.
    open: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        // The last token is the end, and it is never passed.
        self.tokens
            .get(self.next)
            .map_or(&Token::End, |(_, token)| token)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    fn accept(&mut self, token: &Token) -> bool {
        let is_there = self.peek() == token;
        self.next += usize::from(is_there);
        is_there
    }

    fn demand(&mut self, token: &Token) -> Result<()> {
        if self.accept(token) {
            Ok(())
        } else {
            Err(self.expected(&token.to_string()))
        }
    }

    fn expected(&self, what: &str) -> Error {
        let at = self.tokens.get(self.next).map_or(0, |(at, _)| *at);
        expected(self.text, at, what, self.peek())
    }

    /// The longest expression from here whose operators bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Nested> {
        self.open += 1;
        if self.open > 2 * MAX_DEPTH + 1 {
            return Err(too_deep());
        }
        let mut left = self.prefix(least)?;
        let mut most = u8::MAX;
        while let Some(infix) = self.infix()
            && infix.power() >= least
        {
            if infix.power() > most {
                return Err(self.expected("`and`, `or` or the end, as comparisons do not chain"));
            }
            left = self.join(left, infix)?;
            if infix.power() == power::COMPARE {
                most = power::NOT;
            }
        }
        self.open -= 1;
        Ok(left)
    }

    /// What comes next, if it stands between or behind values.
    fn infix(&self) -> Option<Infix> {
        match self.peek() {
            Token::Word("or") => Some(Infix::Or),
            Token::Word("and") => Some(Infix::And),
            Token::Word("is") => Some(Infix::Is),
            Token::Word("not") => Some(Infix::Not),
            Token::Word("in" | "within" | "matches" | "contains" | "starts_with" | "ends_with") => {
                Some(Infix::Test)
            }
            Token::Sign(sign) => comparison(sign)
                .map(Infix::Compare)
                .or_else(|| operator(sign).map(Infix::Arithmetic)),
            _ => None,
        }
    }

    fn prefix(&mut self, least: u8) -> Result<Nested> {
        match self.peek() {
            Token::Word("if") if least == power::IF => self.branches(),
            Token::Word("not") if least <= power::NOT => {
                self.take();
                let of = self.expression(power::NOT)?;
                nested(!of.0, &[of.1])
            }
            Token::Sign("(") => {
                self.take();
                let inner = self.expression(power::IF)?;
                self.demand(&Token::Sign(")"))?;
                Ok(inner)
            }
            Token::Sign("-") => {
                if let Some(value) = self.scalar()? {
                    return Ok((lit(value), 1));
                }
                self.take();
                let of = self.expression(power::ATOM)?;
                nested(-of.0, &[of.1])
            }
            Token::Name { name, quoted } => {
                let (name, quoted) = (name.clone(), *quoted);
                self.take();
                if !quoted && *self.peek() == Token::Sign("(") {
                    self.call(&name)
                } else {
                    Ok((Expr::Column(name), 1))
                }
            }
            _ => match self.scalar()? {
                Some(value) => Ok((lit(value), 1)),
                None => Err(self.expected("a value")),
            },
        }
    }

    fn branches(&mut self) -> Result<Nested> {
        self.take();
        let condition = self.expression(power::IF)?;
        self.demand(&Token::Word("then"))?;
        let then = self.expression(power::IF)?;
        self.demand(&Token::Word("else"))?;
        let otherwise = self.expression(power::IF)?;
        let depths = [condition.1, then.1, otherwise.1];
        nested(condition.0.then_else(then.0, otherwise.0), &depths)
    }

    fn call(&mut self, name: &str) -> Result<Nested> {
        if !matches!(name, "lower" | "length" | "abs" | "coalesce") {
            self.next -= 1;
            return Err(self.expected("a function (`lower`, `length`, `abs`, `coalesce`)"));
        }
        self.demand(&Token::Sign("("))?;
        let mut arguments = vec![self.expression(power::IF)?];
        while name == "coalesce" && self.accept(&Token::Sign(",")) {
            arguments.push(self.expression(power::IF)?);
        }
        if name == "coalesce" && arguments.len() < 2 {
            return Err(self.expected("`,` and a value to take instead"));
        }
        self.demand(&Token::Sign(")"))?;
        let mut from_last = arguments.into_iter().rev();
        let (mut result, mut depth) = from_last.next().ok_or_else(|| self.expected("a value"))?;
        if name != "coalesce" {
            result = match name {
                "lower" => result.lower(),
                "length" => result.length(),
                _ => result.abs(),
            };
            return nested(result, &[depth]);
        }
        for (first, of) in from_last {
            (result, depth) = nested(first.coalesce(result), &[of, depth])?;
        }
        Ok((result, depth))
    }

    fn join(&mut self, (left, depth): Nested, infix: Infix) -> Result<Nested> {
        match infix {
            Infix::Is => {
                self.take();
                let denied = self.accept(&Token::Word("not"));
                self.demand(&Token::Word("missing"))?;
                return denial(left.is_missing(), denied, depth);
            }
            Infix::Not => {
                self.take();
                return denial(self.test(left)?, true, depth);
            }
            Infix::Test => return denial(self.test(left)?, false, depth),
            Infix::Or | Infix::And | Infix::Compare(_) | Infix::Arithmetic(_) => {}
        }
        self.take();
        let (right, right_depth) = self.expression(infix.power() + 1)?;
        let joined = match infix {
            Infix::Or => left.or(right),
            Infix::Compare(is) => left.compare(is, right),
            Infix::Arithmetic(operator) => left.arithmetic(operator, right),
            _ => left.and(right),
        };
        nested(joined, &[depth, right_depth])
    }

    /// A test of `left`, which begins here.
    fn test(&mut self, left: Expr) -> Result<Expr> {
        let start = self.next;
        match self.take() {
            Token::Word("in") => {
                self.demand(&Token::Sign("("))?;
                let mut values = vec![self.literal()?];
                while self.accept(&Token::Sign(",")) {
                    values.push(self.literal()?);
                }
                self.demand(&Token::Sign(")"))?;
                Ok(left.one_of(values))
            }
            Token::Word("within") => Ok(left.within(self.interval()?)),
            Token::Word("matches") => {
                let at = self.next;
                let pattern = Pattern::new(self.string()?);
                Ok(left.matches(pattern.map_err(|error| self.unusable(at, &error))?))
            }
            Token::Word("contains") => Ok(left.contains(self.string()?)),
            Token::Word("starts_with") => Ok(left.starts_with(self.string()?)),
            Token::Word("ends_with") => Ok(left.ends_with(self.string()?)),
            _ => {
                self.next = start;
                Err(self.expected(
                    "`in`, `within`, `matches`, `contains`, `starts_with` or `ends_with`",
                ))
            }
        }
    }

    fn interval(&mut self) -> Result<Interval> {
        let at = self.next;
        let includes_low = match self.take() {
            Token::Sign("[") => true,
            Token::Sign("(") => false,
            _ => {
                self.next = at;
                return Err(self.expected("an interval, such as `[0, 120)`"));
            }
        };
        let low = bound(self.literal()?, includes_low);
        self.demand(&Token::Sign(","))?;
        let high = self.literal()?;
        let high = match self.peek() {
            Token::Sign("]") => bound(high, true),
            Token::Sign(")") => bound(high, false),
            _ => return Err(self.expected("`]` or `)`")),
        };
        self.take();
        Interval::between(low, high).map_err(|error| self.unusable(at, &error))
    }

    fn string(&mut self) -> Result<String> {
        match self.peek() {
            Token::Text(text) => {
                let text = text.clone();
                self.take();
                Ok(text)
            }
            _ => Err(self.expected("text in quotes")),
        }
    }

    fn literal(&mut self) -> Result<Scalar> {
        self.scalar()?.ok_or_else(|| self.expected("a literal"))
    }

    /// The literal that comes next, if one does.
    fn scalar(&mut self) -> Result<Option<Scalar>> {
        let negative = *self.peek() == Token::Sign("-");
        let token = self.tokens.get(self.next + usize::from(negative));
        let value = match token.map(|(_, token)| token) {
            Some(Token::Integer(value)) if negative => Scalar::Integer(-value),
            Some(Token::Integer(value)) => Scalar::Integer(*value),
            Some(Token::Number(value)) if negative => Scalar::Number(-value),
            Some(Token::Number(value)) => Scalar::Number(*value),
            Some(Token::Word("inf")) if negative => Scalar::Number(f64::NEG_INFINITY),
            Some(Token::Word("inf")) => Scalar::Number(f64::INFINITY),
            Some(Token::Word("true")) if !negative => Scalar::Boolean(true),
            Some(Token::Word("false")) if !negative => Scalar::Boolean(false),
            Some(Token::Text(text)) if !negative => Scalar::Text(text.clone()),
            _ => return Ok(None),
        };
        if matches!(value, Scalar::Integer(value) if value < i64::MIN.into()) {
            return Err(self.expected("a number of 64 bits"));
        }
        self.next += 1 + usize::from(negative);
        Ok(Some(value))
    }

    /// What is wrong with the pattern or interval that begins at token `at`.
    fn unusable(&self, at: usize, error: &Error) -> Error {
        let start = self.tokens.get(at).map_or(0, |(start, _)| *start);
        let message = match error {
            Error::InvalidParameter { message, .. } => message.clone(),
            other => other.to_string(),
        };
        let character = self.text[..start].chars().count() + 1;
        super::check::invalid(format!("at character {character}: {message}"))
    }
}

/// `expr` over what nests so deep.
fn nested(expr: Expr, depths: &[usize]) -> Result<Nested> {
    let depth = 1 + depths.iter().max().copied().unwrap_or(0);
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok((expr, depth))
}

fn denial(test: Expr, denied: bool, depth: usize) -> Result<Nested> {
    let (test, depth) = nested(test, &[depth])?;
    if denied {
        nested(!test, &[depth])
    } else {
        Ok((test, depth))
    }
}

/// An infinite bound is none.
fn bound(value: Scalar, included: bool) -> Bound<Scalar> {
    match value {
        Scalar::Number(number) if number.is_infinite() => Bound::Unbounded,
        value if included => Bound::Included(value),
        value => Bound::Excluded(value),
    }
}

fn operator(sign: &str) -> Option<Operator> {
    match sign {
        "+" => Some(Operator::Add),
        "-" => Some(Operator::Subtract),
        "*" => Some(Operator::Multiply),
        "/" => Some(Operator::Divide),
        _ => None,
    }
}

fn comparison(sign: &str) -> Option<Comparison> {
    Comparison::ALL
        .into_iter()
        .find(|comparison| comparison.symbol() == sign)
}
