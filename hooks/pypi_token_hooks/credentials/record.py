"""`Record`: a NamedTuple for the modules that every commit loads, where `typing` would cost 5 ms."""
__all__ = ("Record",)
TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    _NONE = object()

    def _field(index):  # a type checker sees a NamedTuple
        return property(lambda row: tuple.__getitem__(row, index))

    class Record(tuple):
        """An immutable row whose fields are the annotations of its class."""

        __slots__ = ()

        def __init_subclass__(cls):
            cls._fields = tuple(cls.__annotations__)
            cls._defaults = {name: cls.__dict__[name] for name in cls._fields if name in cls.__dict__}
            for index, name in enumerate(cls._fields):
                setattr(cls, name, _field(index))

        def __new__(cls, *values, **named):
            rest = cls._fields[len(values) :]
            row = values + tuple(named.pop(name, cls._defaults.get(name, _NONE)) for name in rest)
            if named or _NONE in row or len(row) != len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            return tuple.__new__(cls, row)

        def __repr__(self):
            said = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({said})"

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **named):
            return type(self)(**{**self._asdict(), **named})
