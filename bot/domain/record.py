"""Write values as plain data and read them back: the one form of journal bodies, digests and exports."""
from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from bot.domain.numbers import parse, plain

# Plain data: None, bool, int, str, lists of it and dictionaries from str to it.
Plain = Any
T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
TAG = "kind"


class RecordError(ValueError):
    """A value that cannot be written or read; `path` names the field (`terms.legs[0].size`)."""

    def __init__(self, path: str, problem: str) -> None:
        """Keep the path beside the sentence."""
        self.path = path or "the value itself"
        super().__init__(f"{self.path}: {problem}")


def to_plain(value: object, hint: Any = None) -> Plain:
    """Turn a value of the house into plain data; `hint` is its declared type where that is more than its class.

    Decimals become canonical text, moments UTC milliseconds (finer parts are cut), enums their value, tuples lists,
    sets sorted lists, members of a union of dataclasses carry their class name under "kind". Raises RecordError.
    """
    return _write(type(value) if hint is None else hint, value, "")


def from_plain(cls: type[T] | Any, plain_value: Plain) -> T:
    """Read a value of the declared type `cls` out of plain data; a missing field takes its default.

    Raises RecordError for another shape, an unknown field or a missing one without default.
    """
    return cast(T, _read(cls, plain_value, ""))


def canonical_json(plain_value: Plain) -> str:
    """Write plain data as JSON in the one form that digests and hash chains use: sorted keys, no spaces, UTF-8."""
    return json.dumps(plain_value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def milliseconds(moment: datetime) -> int:
    """Give the UTC milliseconds of an aware moment, finer parts cut; raises RecordError for a naive one."""
    if moment.tzinfo is None:
        raise RecordError("", f"A moment carries its zone, not {moment.isoformat()}.")
    return (moment - EPOCH) // MILLISECOND


def moment_of(stamp: int) -> datetime:
    """Give the aware UTC moment of a count of milliseconds."""
    return EPOCH + stamp * MILLISECOND


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _bare(hint: Any) -> Any:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint


@cache
def _members(hint: Any) -> tuple[Any, ...]:
    """List the alternatives of a union without None; empty for anything else."""
    if get_origin(hint) not in (Union, types.UnionType):
        return ()
    return tuple(_bare(member) for member in get_args(hint) if member is not type(None))


@cache
def _is_record(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _write(hint: Any, value: object, path: str) -> Plain:
    if value is None:
        return None
    hint = _bare(hint)
    members = _members(hint)
    if len(members) == 1:
        return _write(members[0], value, path)
    if members:
        if type(value) not in members:
            raise RecordError(path, f"{type(value).__name__} is none of {_names(members)}.")
        body = _write(type(value), value, path)
        return _tagged(value, body, path) if dataclasses.is_dataclass(value) else body
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _write_record(value, path)
    if isinstance(value, Enum):
        return value.value
    return _write_plain(hint, value, path)


def _write_record(record: object, path: str) -> Plain:
    """Write field by field; what is plain to see takes no detour, for every commit writes several records."""
    written: dict[str, Plain] = {}
    for name, hint, choice in _written_fields(type(record)):  # type: ignore[arg-type]
        value = getattr(record, name)
        write = None if choice else SHORT_CUTS.get(type(value))
        if value is None:
            written[name] = None
        elif write is not None:
            written[name] = write(value)
        elif isinstance(value, Enum) and not choice:
            written[name] = value.value
        elif type(value) is Decimal and not choice and value.is_finite():
            written[name] = plain(value)
        else:
            written[name] = _write(hint, value, _step(path, name))
    return written


@cache
def _written_fields(cls: type) -> tuple[tuple[str, Any, bool], ...]:
    """List the fields with their types, and whether the type is a choice among several."""
    hints = _hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]
    return tuple((name, hints[name], len(_members(hints[name])) > 1) for name in names)


def _itself(value: Any) -> Plain:
    return value


SHORT_CUTS: dict[type, Callable[[Any], Plain]] = {str: _itself, int: _itself, bool: _itself}


def _tagged(value: object, body: dict[str, Plain], path: str) -> Plain:
    if TAG in body:
        raise RecordError(path, f"{type(value).__name__} has a field called {TAG} and cannot be told apart in a union.")
    return {TAG: type(value).__name__, **body}


def _write_plain(hint: Any, value: object, path: str) -> Plain:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise RecordError(path, f"{value} is not a finite number.")
        return plain(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise RecordError(path, f"A moment carries its zone, not {value.isoformat()}.")
        return milliseconds(value)
    if isinstance(value, (bool, int, str)):
        return value
    inner = get_args(hint)
    if isinstance(value, (frozenset, set)):
        written = [_write(inner[0] if inner else type(item), item, f"{path}[]") for item in value]
        return sorted(written, key=canonical_json)
    if isinstance(value, (tuple, list)):
        return [_write(_item_hint(hint, place, item), item, f"{path}[{place}]") for place, item in enumerate(value)]
    if isinstance(value, Mapping):
        of_value = inner[1] if inner else None
        return {
            str(_write(type(key), key, f"{path}[key]")): _write(of_value or type(item), item, f"{path}[{key}]")
            for key, item in value.items()
        }
    raise RecordError(path, f"{type(value).__name__} has no plain form.")


def _item_hint(hint: Any, place: int, item: object) -> Any:
    inner = get_args(hint)
    if not inner:
        return type(item)
    if get_origin(hint) is not tuple or (len(inner) == 2 and inner[1] is Ellipsis):
        return inner[0]
    return inner[place] if place < len(inner) else type(item)


def _read(hint: Any, value: Plain, path: str) -> Any:
    hint = _bare(hint)
    members = _members(hint)
    if value is None:
        if hint is type(None) or (members and type(None) in get_args(hint)):
            return None
        raise RecordError(path, "nothing is given where a value is needed.")
    if len(members) == 1:
        return _read(members[0], value, path)
    if members:
        return _read_member(members, value, path)
    if _is_record(hint):
        return _read_record(hint, value, path)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError as unknown:
            raise RecordError(path, f"{value!r} is no {hint.__name__}.") from unknown
    return _read_plain(hint, value, path)


def _read_member(members: tuple[Any, ...], value: Plain, path: str) -> Any:
    if isinstance(value, dict):
        named = {member.__name__: member for member in members if _is_record(member)}
        tag = value.get(TAG)
        if tag not in named:
            raise RecordError(path, f"{TAG} {tag!r} is none of {_names(members)}.")
        return _read_record(named[tag], {key: item for key, item in value.items() if key != TAG}, path)
    for member in members:
        if not _is_record(member):
            try:
                return _read(member, value, path)
            except RecordError:
                continue
    raise RecordError(path, f"{value!r} is none of {_names(members)}.")


def _read_record(cls: Any, value: Plain, path: str) -> Any:
    if not isinstance(value, dict):
        raise RecordError(path, f"{cls.__name__} is an object, not {type(value).__name__}.")
    fields = _read_fields(cls)
    if not value.keys() <= fields.keys():
        name = next(name for name in value if name not in fields)
        raise RecordError(_step(path, name), f"{cls.__name__} has no such field.")
    found: dict[str, Any] = {}
    for name, (hint, short_cut, needed) in fields.items():
        if name not in value:
            if needed:
                raise RecordError(_step(path, name), f"{cls.__name__} needs this field.")
            continue
        item = value[name]
        read = short_cut(item) if short_cut is not None and item is not None else None
        found[name] = read if read is not None else _read(hint, item, _step(path, name))
    try:
        return cls(**found)
    except ValueError as broken:
        raise RecordError(path, str(broken)) from broken


@cache
def _read_fields(cls: type) -> dict[str, tuple[Any, Callable[[Plain], Any] | None, bool]]:
    """Give for each field its type, a short cut that gives None for what it cannot read, and whether it is needed."""
    hints = _hints(cls)
    return {
        field.name: (
            hints[field.name],
            _short_cut(hints[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in dataclasses.fields(cls)
    }


def _short_cut(hint: Any) -> Callable[[Plain], Any] | None:
    members = _members(hint)
    kind = _bare(members[0] if len(members) == 1 else hint)
    if kind is Decimal:
        return lambda value: parse(value) if type(value) is str else None
    if kind is datetime:
        return lambda value: moment_of(value) if type(value) is int else None
    if kind in (str, int, bool):
        return lambda value: value if type(value) is kind else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        known = {member.value: member for member in kind}
        return lambda value: known.get(value) if type(value) is str else None
    return None


def _read_plain(hint: Any, value: Plain, path: str) -> Any:
    if hint is Decimal:
        number = parse(value) if isinstance(value, str) else None
        if number is None:
            raise RecordError(path, f"{value!r} is no number in text.")
        return number
    if hint is datetime:
        if type(value) is not int:
            raise RecordError(path, f"{value!r} is no count of milliseconds.")
        return moment_of(value)
    if hint in (bool, int, str):
        if type(value) is not hint:
            raise RecordError(path, f"{value!r} is no {hint.__name__}.")
        return value
    origin = get_origin(hint) or hint
    inner = get_args(hint)
    if origin in (tuple, list, frozenset, set):
        if not isinstance(value, list):
            raise RecordError(path, f"a list is needed, not {type(value).__name__}.")
        if origin is tuple and inner and inner[-1] is not Ellipsis and len(inner) != len(value):
            raise RecordError(path, f"{len(inner)} items are needed, not {len(value)}.")
        hints = [_item_hint(hint, place, item) for place, item in enumerate(value)]
        return origin(_read(hints[place], item, f"{path}[{place}]") for place, item in enumerate(value))
    if origin in (dict, Mapping) and isinstance(value, dict) and inner:
        return {_read_key(inner[0], key, path): _read(inner[1], item, f"{path}[{key}]") for key, item in value.items()}
    raise RecordError(path, f"{hint} cannot be read.")


def _read_key(hint: Any, key: str, path: str) -> Any:
    if _bare(hint) is not int:
        return _read(hint, key, f"{path}[key]")
    try:
        return int(key)
    except ValueError as unread:
        raise RecordError(f"{path}[key]", f"{key!r} is no whole number.") from unread


def _step(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _names(members: tuple[Any, ...]) -> str:
    return ", ".join(getattr(member, "__name__", str(member)) for member in members)
