"""The shop's SQL, before it is run."""

from pathlib import Path

import pytest

from recsys.catalogue.shop_sql import read_query, single_read
from recsys.errors import ExportError


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "  SELECT 1",
        "-- one; two\nselect 1 /* insert; into */ -- update",
        "with x as (select 1) select * from x",
        "(select 1) union (select 2)",
        "select replace(name, 'a', 'b'), insert(name, 1, 1, 'x') from p",
        "select p.update, is_deleted, created, update_at from p",
        "select 'insert into; drop' as \"update\", `delete`, [drop] from p",
        "select 'it''s; drop' from p",
        "select $x$ ; drop $x$",
        "select * from p where name like '10\\%' escape '\\'",
    ],
)
def test_one_query_that_reads_is_run_as_it_is(sql: str) -> None:
    assert single_read(sql) == sql


@pytest.mark.parametrize(
    ("sql", "run"),
    [
        ("select 1;", "select 1"),
        ("select 1 ;\n ; -- end", "select 1"),
        ("select ':name';", "select ':name'"),
        ("select 1 -- end;\n", "select 1 -- end;\n"),
    ],
)
def test_a_semicolon_at_the_end_is_removed(sql: str, run: str) -> None:
    assert single_read(sql) == run


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("", "empty"),
        (" -- nothing\n ;", "empty"),
        ("insert into p values (1)", "'INSERT'"),
        ("insert into p values (1) returning id", "'INSERT'"),
        ("UPDATE p set a = 1", "'UPDATE'"),
        ("pragma journal_mode=wal", "'PRAGMA'"),
        ("attach 'new.db' as x", "'ATTACH'"),
        ("vacuum into 'copy.db'", "'VACUUM'"),
        ("/* select */ drop table p", "'DROP'"),
        ("explain analyze delete from p", "'EXPLAIN'"),
        ("select 1; select 2", "several"),
        ("select 1; drop table p", "several"),
        ("with x as (select 1) insert into p select * from x", "INSERT"),
        ("with x as (delete from p returning *) select * from x", "DELETE"),
        ("select * into copy from p", "INTO"),
        ("select * from p into outfile '/a'", "INTO"),
        ("select 'a'into copy from p", "INTO"),
        ("select * from p for update", "UPDATE"),
        ("select 1 drop table p", "DROP"),
        ("select 1 /*!50000 into outfile '/a' */", "MySQL"),
        ("selection", "'SELECTION'"),
    ],
)
def test_anything_else_is_refused_in_one_line(sql: str, words: str) -> None:
    with pytest.raises(ExportError, match=words) as caught:
        single_read(sql)
    assert "\n" not in str(caught.value)


def test_a_query_is_read_as_utf_8(tmp_path: Path) -> None:
    (tmp_path / "export.sql").write_bytes("select 'é'".encode("utf-8-sig"))
    assert read_query(tmp_path / "export.sql") == "select 'é'"


@pytest.mark.parametrize("content", [None, "select 'é'".encode("latin-1")])
def test_a_query_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "export.sql").write_bytes(content)
    with pytest.raises(ExportError, match=r"export\.sql"):
        read_query(tmp_path / "export.sql")


COLUMNS = "select id as product_id, name, img as image_url from product"


@pytest.mark.parametrize(
    ("database", "sql"),
    [
        ("mysql", COLUMNS + r" where name = 'Teh\'s; drop' or id = 1"),
        ("mariadb", "# a comment; of MySQL's\n" + COLUMNS),
        ("postgresql", COLUMNS + r" where name = $x$;update$x$ and E'\\\'' <> name /* ; delete */ and 1 = 1"),
        ("postgresql", 'with "update" as (select 1) ' + COLUMNS),
        ("mssql", COLUMNS + " where [drop] = 1"),
        (
            "mssql",
            "-- shutdown\n" + COLUMNS + " as [delete] where replace([delete].[update], 'kill', N'commit') = \"use\"",
        ),
        ("mssql", COLUMNS + " o where o.backup = dbo.restore(o1.bulk) and use_by = @kill and is_use = 0xDE"),
        (
            "sqlite",
            "select id as product_id, name, replace(img, ';', '') as image_url from p union all select 1, 2, 3",
        ),
    ],
)
def test_a_query_is_judged_by_the_dialect_of_its_database(database: str, sql: str) -> None:
    assert single_read(sql, database) == sql
    assert single_read(f"{sql}\n;", database).rstrip() == sql


@pytest.mark.parametrize("database", ["mysql", "postgresql", "sqlite", "mssql", "oracle", ""])
@pytest.mark.parametrize(
    "sql",
    [
        "select 1; select 2",
        "delete from product",
        "with gone as (delete from product returning id) select id from gone",
        "select 1 into outfile '/tmp/x'",
        "select * into copy from product",
        "select 1 /*! ; drop table product */",
        "drop table product",
        "call clear()",
        "",
    ],
)
def test_what_does_more_than_read_is_refused_in_every_dialect(database: str, sql: str) -> None:
    with pytest.raises(ExportError):
        single_read(sql, database)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    ("database", "sql"),
    [
        ("mysql", "SELECT 1--1; DROP TABLE p"),
        ("mysql", r"SELECT 'a\' , ' ; DROP TABLE p; -- '"),
        ("mysql", r"""SELECT 'a\', ' INTO OUTFILE "/tmp/x" -- '"""),
        ("mysql", "SELECT 1 # '\n; DROP TABLE p; # '"),
        ("mysql", "SELECT a$x$; DROP TABLE p; SELECT b$x$"),
        ("postgresql", r"SELECT E'a\' , ' ; COMMIT; DROP TABLE p; --'"),
        ("postgresql", "SELECT E'a'\n'\\', ' ; COMMIT; DROP TABLE p; --'"),
        ("postgresql", "SELECT a$x$; COMMIT; DROP TABLE p; SELECT b$x$"),
        ("postgresql", "SELECT 1 -- a\r; COMMIT; DROP TABLE p"),
        ("oracle", "SELECT q'[ ' ]' ; DROP TABLE p -- '"),
    ],
)
def test_what_only_another_database_takes_for_text_is_refused(database: str, sql: str, is_known: bool) -> None:
    with pytest.raises(ExportError):
        single_read(sql, database if is_known else "")


@pytest.mark.parametrize(
    ("database", "sql"),
    [
        ("postgresql", "select * from p for share"),
        ("mysql", "select $x$ ; drop table p; select $x$"),
        ("mysql", "select 1 {# \n into outfile '/tmp/x' #}"),
        ("mssql", "select 1 as a exec('drop table p')"),
        ("mysql", "select 'a"),
        ("mysql", "select 1 --\xa0 into outfile '/tmp/x'\nfrom product"),
        ("mysql", "select 1 --\x85 into outfile '/tmp/x'\nfrom product"),
        ("", "select 1 --\xa0 into outfile '/tmp/x'\nfrom product"),
        ("", "select 1 /* /* */ ' */ ; drop table p -- '"),
        ("", "select a[1 ' ]' ; drop table p -- '"),
    ],
)
def test_a_query_is_refused_when_in_doubt(database: str, sql: str) -> None:
    with pytest.raises(ExportError):
        single_read(sql, database)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 product_id, 2 name, 3 image_url, 4 delete from products commit",
        "select 1 product_id, 2 name, 3 image_url, 4delete from products",
        "select 1.delete from products",
        "select $delete from products",
        "select £.delete from products",
        "select 'a'delete from products",
        "select 0xkill 5",
        "select 0xABdelete from products",
        "select 0xAB\\\nCDdelete from products",
        "select next value for product_ids as product_id",
        "select * from openrowset('SQLNCLI', 'server=other', 'select 1')",
        "select * from openquery(other, 'delete from product')",
        *(
            f"{COLUMNS} where a = 1 {statement}"
            for statement in (
                "shutdown",
                "kill 5",
                "backup database shop to disk = 'x'",
                "restore database shop",
                "deny select to public",
                "dbcc shrinkfile",
                "use master",
                "waitfor delay '1:00'",
                "bulk insert product",
                "reconfigure",
                "checkpoint",
                "rollback",
                "set implicit_transactions off",
                "raiserror('x', 20, 1) with log",
                "disable trigger all on product",
                "writetext product.name @p 'x'",
            )
        ),
    ],
)
def test_a_second_statement_of_sql_server_is_refused_though_no_semicolon_ends_the_first(sql: str) -> None:
    with pytest.raises(ExportError) as caught:
        single_read(sql, "mssql")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("database", "sql"),
    [
        ("mysql", "select {fn now()} as name, 'a;b', `drop` # ; drop\nfrom p -- ; update"),
        ("mysql", r"select a--1 as price, 'Teh\'s; update', insert(name, 1, 1, '/*!') from p procedure analyse()"),
        ("oracle", "select q'[it's; drop]' as name from p"),
    ],
)
def test_a_query_that_the_parser_does_not_know_is_judged_by_its_words(database: str, sql: str) -> None:
    assert single_read(sql, database) == sql
    assert single_read(f"{sql}\n;", database).rstrip() == sql.removesuffix(" -- ; update")
