"""Random texts of tables, as `SHOW CREATE TABLE` may write them or as no server would: usual but for one thing."""

from __future__ import annotations

from hypothesis import strategies as st

ODD = st.sampled_from(["", "", "", "name", "type", "part", "list", "member", "after", "option", "end"])
"""Where a text may be odd."""

NAMES = ("a", "b", "id", "A b", "e.f", "é", "p%s", "it's", 'say "a"', "a\\b", "KEY", "x COMMENT 'y'")
COLUMN_NAMES = (*NAMES, "a,b", "f(x)", ") USING ", "PARTITIONED")
ODD_WORDS = (
    "a",
    "b",
    " ",
    "``",
    "(",
    ")",
    ",",
    ".",
    "%",
    "'",
    "''",
    "\\",
    "\\n",
    "\n",
    "\r",
    "\u2028",
    '"',
    "=",
    "` (`",
    "KEY",
    "CHECK (",
    "COMMENT 'x'",
    ") USING ",
    "FOREIGN KEY (",
    "PARTITION",
    "REFERENCES",
    "DEFAULT",
    "\n  KEY `k` (`a`)",
)
TYPES = (
    "int(11)",
    "int",
    "int(10) unsigned",
    "int(5) unsigned zerofill",
    "tinyint(1)",
    "bigint(20)",
    "year(4)",
    "bit(3)",
    "varchar(20)",
    "char(3)",
    "text",
    "longtext",
    "longblob",
    "binary(16)",
    "json",
    "uuid",
    "inet6",
    "geometry",
    "point",
    "datetime",
    "datetime(6)",
    "timestamp",
    "time(3)",
    "date",
    "decimal(10,2)",
    "double(10,2)",
    "float",
    "double",
    "enum('a','b')",
    "enum('a,b','c''d')",
    "enum('it''s (a)','b\\\\c')",
    "set('a','b')",
    "set('a','')",
    "set('x y','(z)')",
    "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin",
    "text CHARACTER SET utf8mb3 COLLATE utf8mb3_bin",
)
ODD_TYPES = (
    "vector(3)",
    "national varchar(3)",
    "INT(11)",
    "enum('a'",
    "enum()",
    "decimal(1,2,3)",
    "text(",
    "int()",
    "int (3)",
    "",
    "enum('a' ,'b')",
    'enum("a")',
    "enum('a','b\n')",
    "odd",
    "varchar(x)",
    "_utf8",
    "`int`",
    "date(1,2)",
    "text('a')",
)
PARTS = (
    "NOT NULL",
    "NULL",
    "DEFAULT NULL",
    "DEFAULT 7",
    "DEFAULT -1.5",
    "DEFAULT 'x'",
    "DEFAULT ''",
    "DEFAULT 'it''s'",
    "DEFAULT 'a COMMENT ''b'''",
    "DEFAULT current_timestamp()",
    "DEFAULT (uuid())",
    "DEFAULT (`a` + 1)",
    "DEFAULT b'101'",
    "DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)",
    "DEFAULT (concat('a)','b'))",
    "DEFAULT json_object('a', 1)",
    "DEFAULT nextval(`s`.`q`)",
    "DEFAULT _utf8mb4'x'",
    "ON UPDATE current_timestamp()",
    "AUTO_INCREMENT",
    "INVISIBLE",
    "CHECK (`a` > 0)",
    "CHECK (json_valid(`a`))",
    "GENERATED ALWAYS AS (`a` + 1) STORED",
    "GENERATED ALWAYS AS (`a` + 1) VIRTUAL NOT NULL",
    "AS (`a` + 1) PERSISTENT",
    "GENERATED ALWAYS AS (concat(`a`,')'))",
    "GENERATED ALWAYS AS ROW START",
    "WITHOUT SYSTEM VERSIONING",
    "COMPRESSED",
    "COMMENT 'x'",
    "COMMENT 'it''s'",
    "COMMENT 'a\\\\b'",
    "COMMENT 'a\\nb'",
    "COMMENT 'a,b'",
    "COMMENT ''",
    "SRID 4326",
    "COLUMN_FORMAT DYNAMIC",
    "STORAGE DISK",
    "/*!80023 INVISIBLE */",
    "REF_SYSTEM_ID=4326",
    "COLLATE utf8mb4_bin",
)
ODD_PARTS = (
    "'",
    "'x",
    "COMMENT 'x",
    "DEFAULT",
    "DEFAULT (",
    ",",
    ")",
    "\\",
    "COMMENT 'a\nb'",
    "DEFAULT '\r\n'",
    "\t",
    "  ",
)
MEMBERS = ("primary", "key", "key", "unique", "foreign", "foreign", "check")
ODD_MEMBERS = (
    "PERIOD FOR SYSTEM_TIME (`a`, `b`)",
    "KEY",
    "",
    "CONSTRAINT `x` UNIQUE (`a`)",
    "PRIMARY KEY `p` (`a`)",
    ") ENGINE=InnoDB",
    "CREATE TABLE `t` (",
    "FULLTEXT KEY `k` (`a`)",
    "SPATIAL KEY `k` (`a`)",
    "VECTOR KEY `k` (`a`)",
    "KEY `k` ((lower(`a`)))",
    "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o`.`t` (`b`)",
    "KEY `k` ()",
    "CONSTRAINT `c` CHECK ()",
    "key `k` (`a`)",
    "UNIQUE KEY (`a`)",
    "CONSTRAINT  `c`  CHECK (1)",
    "PARTITION BY HASH (`a`)",
    "CONSTRAINT `c` CHECK (`a` <> '\n  KEY `k` (`a`)')",
)
AFTER = (
    " USING BTREE",
    " COMMENT 'x'",
    " WITH PARSER `p`",
    " /*!80000 INVISIBLE */",
    " IGNORED",
    " ON DELETE SET DEFAULT",
    " KEY_BLOCK_SIZE=8",
    " MATCH FULL",
    " /*!50100 WITH PARSER `p` */",
    " /*!80016 NOT ENFORCED */",
    " ON DELETE CASCADE",
)
CHECKED = ("0", "json_valid(`b`)", "'x)'", "'  KEY `k` (`a`)'")
ACTIONS = (None, None, "RESTRICT", "CASCADE", "SET NULL", "NO ACTION")
OPTIONS = (
    "ENGINE=InnoDB",
    "ENGINE=MyISAM",
    "AUTO_INCREMENT=7",
    "DEFAULT CHARSET=utf8mb4",
    "COLLATE=utf8mb4_bin",
    "CHECKSUM=1",
    "ROW_FORMAT=DYNAMIC",
    "PAGE_CHECKSUM=1",
    "STATS_PERSISTENT=0",
    "MAX_ROWS=9",
    "KEY_BLOCK_SIZE=8",
    "PACK_KEYS=1",
)
COMMENTS = (
    "",
    "",
    " COMMENT='x'",
    " COMMENT='a, b (c)'",
    " COMMENT='COMMENT=x'",
    " COMMENT='ENGINE=x é %s \"q\"'",
)
ODD_OPTIONS = (
    " COMMENT='it''s'",
    " COMMENT='a\\nb'",
    " COMMENT=''",
    " COMMENT='x' ENGINE=y",
    " `ENCRYPTED`=YES",
    " UNION=(`a`,`b`)",
    " CONNECTION='COMMENT=''x'''",
    " WITH SYSTEM VERSIONING",
    " /*!50100 TABLESPACE `x` */",
    " COMMENT 'x'",
    " COMMENT=x",
    " DATA DIRECTORY='/tmp'",
    " TABLESPACE x STORAGE DISK",
    "\n PARTITION BY HASH (`a`)\nPARTITIONS 2",
    " ",
    "\n",
    " X_COMMENT='x'",
)
ENDS = ("", ",,", " ", ", ", "\r", ";")


@st.composite
def names(draw: st.DrawFn, odd: str, usual: tuple[str, ...] = NAMES) -> str:
    """A name, without the quotes."""
    if odd == "name":
        return "".join(draw(st.lists(st.sampled_from(ODD_WORDS), min_size=1, max_size=3)))
    return draw(st.sampled_from(usual))


@st.composite
def columns(draw: st.DrawFn, odd: str) -> str:
    """A line about a column."""
    types = st.sampled_from(ODD_TYPES) if odd == "type" else st.sampled_from(TYPES)
    parts = st.sampled_from(PARTS + ODD_PARTS) if odd == "part" else st.sampled_from(PARTS)
    return " ".join(
        [f"  `{draw(names(odd, COLUMN_NAMES))}`", draw(types), *draw(st.lists(parts, max_size=4))]
    )


@st.composite
def lists(draw: st.DrawFn, odd: str) -> str:
    """Columns in a parenthesis."""
    after = draw(st.sampled_from(["(7)", " DESC", " ASC", " "])) if odd == "list" else ""
    return (
        "("
        + ",".join(f"`{name}`{after}" for name in draw(st.lists(names(odd), min_size=1, max_size=3)))
        + ")"
    )


@st.composite
def members(draw: st.DrawFn, odd: str) -> str:
    """A line about a key or a CHECK."""
    if odd == "member" and draw(st.booleans()):
        return f"  {draw(st.sampled_from(ODD_MEMBERS))}"
    name = draw(names(odd))
    match draw(st.sampled_from(MEMBERS)):
        case "primary":
            text = f"PRIMARY KEY {draw(lists(odd))}"
        case "key":
            text = f"KEY `{name}` {draw(lists(odd))}"
        case "unique":
            text = f"UNIQUE KEY `{name}` {draw(lists(odd))}"
        case "foreign":
            own, target, referred = draw(lists(odd)), draw(names(odd)), draw(lists(odd))
            text = f"CONSTRAINT `{name}` FOREIGN KEY {own} REFERENCES `{target}` {referred}"
            for event in ("DELETE", "UPDATE"):
                action = draw(st.sampled_from(ACTIONS))
                text += f" ON {event} {action}" if action else ""
        case _:
            text = f"CONSTRAINT `{name}` CHECK (`a` > {draw(st.sampled_from(CHECKED))})"
    return f"  {text}{draw(st.sampled_from(AFTER)) if odd == 'after' else ''}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The text of a table."""
    odd = draw(ODD)
    lines = [*draw(st.lists(columns(odd), min_size=1, max_size=4)), *draw(st.lists(members(odd), max_size=4))]
    if odd == "end":
        place = draw(st.integers(0, len(lines) - 1))
        lines[place] += draw(st.sampled_from(ENDS))
    options = draw(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=4))
    last = draw(st.sampled_from(ODD_OPTIONS if odd == "option" else COMMENTS))
    return f"CREATE TABLE `{draw(names(odd))}` (\n" + ",\n".join(lines) + "\n) " + " ".join(options) + last
