namespace ToolRuntime.Gateway.Schemas;

/// <summary>Every keyword that asserts or applies, in the order of evaluation: cheap ones first, those that need what others evaluated last.</summary>
internal static class KeywordTable
{
    public static IReadOnlyList<Func<SchemaSource, Keyword?>> InOrder { get; } =
    [
        TypeKeyword.Create,
        ValueKeyword.CreateConst,
        ValueKeyword.CreateEnum,
        NumberKeyword.Create,
        StringKeyword.Create,
        RequiredKeyword.Create,
        DependentRequired.Create,
        PropertyCount.Create,
        ItemCount.Create,
        UniqueItems.Create,
        ReferenceKeyword.CreateReference,
        ReferenceKeyword.CreateDynamicReference,
        PropertiesKeyword.Create,
        PropertyNames.Create,
        ItemsKeyword.Create,
        ContainsKeyword.Create,
        AllOf.Create,
        AnyOf.Create,
        OneOf.Create,
        NotKeyword.Create,
        Conditional.Create,
        DependentSchemas.Create,
        UnevaluatedProperties.Create,
        UnevaluatedItems.Create,
    ];
}
