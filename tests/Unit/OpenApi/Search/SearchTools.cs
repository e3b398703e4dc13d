using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Search;

/// <summary>Tools of an API that was made up for tests: a library that lends books.</summary>
internal static class SearchTools
{
    public static IReadOnlyList<ApiTool> Library { get; } =
    [
        Tool("lib_list_books", "GET", "/books", "List books", "Returns the catalogue.", "books"),
        Tool("lib_get_book", "GET", "/books/{isbn}", "Get a book", "", "books"),
        Tool("lib_create_book", "POST", "/books", "Create a book", "", "books"),
        Tool("lib_update_book", "PATCH", "/books/{isbn}", "Update a book", "", "books"),
        Tool("lib_delete_book", "DELETE", "/books/{isbn}", "Delete a book", "", "books"),
        Tool("lib_list_loans", "GET", "/users/{user}/loans", "List loans of a user", "", "loans"),
        Tool("lib_create_loan", "POST", "/users/{user}/loans", "Lend a book to a user", "", "loans"),
        Tool("lib_list_users", "GET", "/users", "List users", "", "users"),
        Tool("lib_create_user", "POST", "/users", "Register a user", "", "users"),
        Tool("lib_create_webhook", "POST", "/webhooks", "Create a webhook", "", "admin"),
        Tool("lib_list_webhooks", "GET", "/webhooks", "List webhooks", "", "admin"),
        Tool("lib_list_invoices", "GET", "/invoices", "List invoices", "Fees for late returns.", "admin"),
    ];

    public static ApiTool Tool(string name, string method, string path, string summary, string description, params string[] tags) =>
        Tool(name, method, path, summary, description, """{"type":"object","properties":{"isbn":{"type":"string"},"note":{"type":"string"}},"required":["isbn"]}""", tags);

    public static ApiTool Tool(string name, string method, string path, string summary, string description, string schema, string[] tags) =>
        new(
            new ApiOperation { Pointer = $"/paths/{path}/{method}", Method = method, Path = path, Summary = summary, Description = description, Tags = tags },
            () => Encoding.UTF8.GetBytes(schema),
            () => null)
        {
            Name = name,
            Description = description.Length > 0 ? description : summary,
            Title = summary,
            Annotations = JsonSerializer.SerializeToUtf8Bytes(new { readOnlyHint = method == "GET" }),
            Bindings = [new ArgumentBinding("isbn", BindingTarget.WholeBody, "", null)],
        };
}
